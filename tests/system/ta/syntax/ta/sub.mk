global-incdirs-y += .
srcs-y += syntax.c
