package smiley.console;

/** Names of signals on Linux, as the C library abbreviates them. */
final class Signals {
	private static final String[] NAMES = {null, "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS",
		"FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
		"STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL",
		"PWR", "SYS"};

	private Signals() {
	}

	static String name(long number) {
		return number > 0 && number < NAMES.length ? "SIG" + NAMES[(int) number]
			: "signal " + number;
	}
}
