// The system's PostgreSQL client library, libpq.
#pragma once

#include <libpq-fe.h>
