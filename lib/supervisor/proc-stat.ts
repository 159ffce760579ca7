/** What the watch takes from a stat file of proc(5). Pure text. */
import type { ProcessUsage } from '../powers.js'

/** Places behind the name, which may hold spaces and brackets; `state`, field 3 of the file, is place 0. */
const USER_TICKS = 11
const SYSTEM_TICKS = 12
const THREADS = 17
const RESIDENT_PAGES = 21

/** The kernel counts a hundred ticks a second for programs, whatever its own clock does (USER_HZ). */
const TICK_MS = 10
const PAGE_BYTES = 4096

/** @returns `null` for a text that is no such file, and for a process that has ended but is not waited for yet */
export function parseStat(text: string): ProcessUsage | null {
  const end = text.lastIndexOf(')')
  const fields = text.slice(end + 2).split(' ')
  if (end < 0 || fields[0] === 'Z' || fields[0] === 'X') return null
  const [user = NaN, system = NaN, threads = NaN, pages = NaN] = [
    USER_TICKS,
    SYSTEM_TICKS,
    THREADS,
    RESIDENT_PAGES,
  ].map((place) => Number(fields[place]))
  if (Number.isNaN(user + system + threads + pages)) return null
  return { cpuMs: (user + system) * TICK_MS, threads, rssBytes: pages * PAGE_BYTES }
}
