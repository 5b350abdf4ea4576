global-incdirs-y += .
srcs-y += uuid.c
