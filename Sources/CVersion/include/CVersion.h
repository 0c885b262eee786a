// The commit of a build, which Package.swift passes to the compiler: a C file costs the least to compile again.
#pragma once

// The id of the commit, or "unknown".
const char *cversion_commit(void);
