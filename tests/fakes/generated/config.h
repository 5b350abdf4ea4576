// The options of Kconfig that portable code looks at, as its defaults are.
#define CONFIG_TRACE 1
