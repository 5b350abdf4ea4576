global-incdirs-y += .
srcs-y += wrong_key.c
