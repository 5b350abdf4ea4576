// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names for clang's thread-safety attributes; other compilers see nothing.

#if defined(__clang__)
#define TRV_CAPABILITY(name) __attribute__((capability(name)))
#define TRV_SCOPED_CAPABILITY __attribute__((scoped_lockable))
#define GUARDED_BY(lock) __attribute__((guarded_by(lock)))
#define REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))
#define ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define TRY_ACQUIRE(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#else
#define TRV_CAPABILITY(name)
#define TRV_SCOPED_CAPABILITY
#define GUARDED_BY(lock)
#define REQUIRES(...)
#define EXCLUDES(...)
#define ACQUIRE(...)
#define TRY_ACQUIRE(...)
#define RELEASE(...)
#endif
