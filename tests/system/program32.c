// SPDX-License-Identifier: Apache-2.0
// A program for 32-bit Arm that uses what an AArch64 kernel, and a hypervisor below it, must leave to AArch32 at EL0: VFP,
// the thread's register and the counter through CP15, the kernel's helper page, fork. No C library.

typedef unsigned long long u64;

static long call(long number, long first, long second, long third, long fourth) {
    register long r7 asm("r7") = number;
    register long r0 asm("r0") = first;
    register long r1 asm("r1") = second;
    register long r2 asm("r2") = third;
    register long r3 asm("r3") = fourth;
    asm volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3) : "memory");
    return r0;
}

// [Linux, arch/arm/include/uapi/asm/unistd.h, arch/arm/tools/syscall.tbl]
enum { Write = 4, Wait4 = 114, Clone = 120, ExitGroup = 248, SetTls = 0xf0005 };
enum { SigChld = 17 };

static unsigned failed = 0;

static void put(const char* text) {
    long size = 0;
    while (text[size] != '\0') {
        ++size;
    }
    call(Write, 1, (long)text, size, 0);
}

static void check(const char* name, int good) {
    if (!good) {
        put("32-bit program: wrong: ");
        put(name);
        put("\n");
        ++failed;
    }
}

static u64 counter(void) {
    u64 value;
    asm volatile("isb\n\tmrrc p15, 1, %Q0, %R0, c14" : "=r"(value) : : "memory");
    return value;
}

static void arithmetic(void) {
    // Long enough for the other program to run in between.
    double sum = 0;
    for (int i = 0; i < 3000000; ++i) {
        volatile double next = i;
        sum += next;
    }
    check("a sum of doubles", sum == 4499998500000.0);
}

static void thread_register(void) {
    const unsigned mark = 0x12345678;
    call(SetTls, (long)mark, 0, 0, 0);
    unsigned found;
    asm volatile("mrc p15, 0, %0, c13, c0, 3" : "=r"(found));
    check("TPIDRURO", found == mark);
    // [Linux, Documentation/arch/arm/kernel_user_helpers.rst]
    unsigned (*const get_tls)(void) = (unsigned (*)(void))0xffff0fe0;
    check("the kernel's helper", get_tls() == mark);
}

static void child(void) {
    const long process = call(Clone, SigChld, 0, 0, 0);
    if (process == 0) {
        call(ExitGroup, 42, 0, 0, 0);
    }
    int status = 0;
    check("a child ends", call(Wait4, process, (long)&status, 0, 0) == process && status == 42 << 8);
}

void _start(void) {
    const u64 before = counter();
    check("the size of a pointer", sizeof(void*) == 4);
    thread_register();
    child();
    arithmetic();
    check("the counter", counter() > before);
    put(failed == 0 ? "32-bit program: all is well\n" : "32-bit program: failed\n");
    call(ExitGroup, failed == 0 ? 0 : 1, 0, 0, 0);
}
