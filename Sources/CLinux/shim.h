// Calls of Linux that Swift's Glibc module leaves out.
#pragma once

#include <sys/vfs.h>

// The magic number of the file system that holds a path (statfs(2)), or -1.
static inline long clinux_file_system_magic(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}
