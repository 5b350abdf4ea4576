global-incdirs-y += . ../include
srcs-y += secure_storage.c
