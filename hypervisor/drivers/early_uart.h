// SPDX-License-Identifier: Apache-2.0
#ifndef TRV_EARLY_UART_H
#define TRV_EARLY_UART_H
// Registers of the build's early UART (Kconfig EARLY_UART_ADDRESS), for boot/start.S: it writes there with the MMU off.
// Each access has 32 bits.

// [PL011 TRM DDI0183, 3.3.1, 3.3.3]
#define EARLY_UART_DATA 0x00
#define EARLY_UART_STATUS 0x18 // UARTFR
#define EARLY_UART_FULL_BIT 5  // TXFF: no room while it is set

#endif
