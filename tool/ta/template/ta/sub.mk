global-incdirs-y += . ../include
srcs-y += @IDENTIFIER@.c
