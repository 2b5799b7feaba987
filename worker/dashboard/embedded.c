/* All files of the dashboard, one behind the other. Where each one is says the generated table. The assembler reads the file,
   so that no compiler has to parse a megabyte of numbers. */
extern const char wombat_dashboard_files[];

__asm__(".section .rodata\n"
        ".global wombat_dashboard_files\n"
        "wombat_dashboard_files:\n"
        ".incbin \"" WOMBAT_DASHBOARD_FILES "\"\n"
        ".byte 0\n"
        ".previous\n");
