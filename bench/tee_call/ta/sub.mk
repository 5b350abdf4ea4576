global-incdirs-y += . ../include
srcs-y += tee_call.c
