/**
 * What one attenuator gets and gives: the contract of every file in this folder.
 */
import type { Harden } from '../lockdown.js'
import type { Realm } from './realm.js'
import type { TimerSet } from './timer-set.js'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface AttenuatorPowers {
  readonly realm: Realm
  readonly harden: Harden
  /** The plugin's name, for messages. */
  readonly name: string
  /** Environment variables the grant names, with their values. */
  readonly env: Readonly<Record<string, string>>
  readonly timers: TimerSet
  /** Takes one finished line (or a few) of the plugin's own log. */
  readonly log: (level: LogLevel, text: string) => void
  /** Takes what a plugin's callback threw where no caller can catch it. */
  readonly onUncaught: (error: unknown) => void
}

/** What an attenuator makes: values by global name, already hardened. */
export type Globals = Readonly<Record<string, unknown>>

export type Attenuator = (powers: AttenuatorPowers) => Globals
