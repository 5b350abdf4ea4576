global-incdirs-y += . ../include
srcs-y += shared_memory.c
