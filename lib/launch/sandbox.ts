/**
 * The system as a plugin's process finds it inside of bubblewrap, as arguments of
 * bwrap(1): read-only programs and libraries, a process table and a /tmp of its own, and
 * of everything else what the grant names, at the same paths as outside. What of it the
 * plugin may use is decided before, by the other walls.
 */
import { realpathSync } from 'node:fs'
import type { Sandbox } from '../powers.js'

/** Programs and libraries, and what the loader of libraries reads. */
const SYSTEM = [
  '/usr',
  '/lib',
  '/lib32',
  '/lib64',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
]
/** What a lookup of names and a check of certificates read. */
const NETWORK = [
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/nsswitch.conf',
  '/etc/gai.conf',
  '/etc/services',
  '/etc/ssl',
  '/etc/pki',
  '/etc/ca-certificates',
]
/** Made anew inside; a grant that names part of them gets what is there. */
const OWN_TREES = ['/proc', '/dev', '/sys']
const TMP_BYTES = 16 * 1_048_576

/**
 * @param needed - files that Node itself is started from
 * @param cwd - the child's own working directory
 */
export function sandboxArguments(sandbox: Sandbox, needed: readonly string[], cwd: string): string[] {
  const { network } = sandbox
  return [
    ['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    network ? [] : ['--unshare-net'],
    ['--disable-userns', '--cap-drop', 'ALL', '--die-with-parent'],
    ...SYSTEM.map((path) => ['--ro-bind-try', path, path]),
    ...(network ? NETWORK : []).map((path) => ['--ro-bind-try', path, path]),
    ['--size', String(TMP_BYTES), '--tmpfs', '/tmp'],
    ...grantedPaths(sandbox),
    ...needed.map((path) => ['--ro-bind', path, path]),
    ['--bind', cwd, cwd],
    // After what the grant names: a rule for `/` opens no other process.
    ['--dev', '/dev', '--remount-ro', '/dev', '--proc', '/proc'],
    ['--remount-ro', '/', '--chdir', cwd, '--'],
  ].flat()
}

/** A directory before what is in it; what does not exist stays away. */
function grantedPaths({ read, write }: Sandbox): string[][] {
  const writable = new Set(write)
  const paths = [...new Set([...read, ...write])].map(withoutSlash).filter((path) => !isOwnTree(path))
  return paths.toSorted().flatMap((path): string[][] => {
    const real = realPathOf(path)
    if (real === undefined) return []
    if (real !== path && paths.some((other) => isBelow(path, other))) return [] // it comes with that one
    // A link stays a link: where it leads is there if the grant names that too. Bound as a
    // directory it would carry a plugin that made the link itself to wherever it likes.
    if (real !== path) return [['--symlink', real, path]]
    return [[writable.has(path) ? '--bind' : '--ro-bind', path, path]]
  })
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path
}

function isOwnTree(path: string): boolean {
  return OWN_TREES.some((tree) => path === tree || isBelow(path, tree))
}

function isBelow(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(directory === '/' ? directory : `${directory}/`)
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
