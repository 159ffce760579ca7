/** What the shell learns from a command. docs and every `--help` say the same. */
export const EXIT = {
  /** It did what was asked and found nothing wrong. */
  fine: 0,
  /** It did what was asked and found something wrong. */
  finding: 1,
  /** It was asked in a way it does not understand. */
  usage: 2,
  /** It could not do what was asked. */
  failed: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_CODES_HELP = 'Exit codes: 0 fine, 1 a finding, 2 bad usage, 3 could not run.'
