#include "CVersion.h"

#ifndef LARKIMG_COMMIT
#define LARKIMG_COMMIT unknown
#endif

#define TEXT(word) #word
#define EXPANDED_TEXT(word) TEXT(word)

const char *cversion_commit(void) { return EXPANDED_TEXT(LARKIMG_COMMIT); }
