/**
 * Names by which people keep secrets: variables, setting keys, files. A guess, for those
 * who weigh a rule; nothing is decided by it.
 */

const WORDS: ReadonlySet<string> = new Set(
  'SECRET SECRETS TOKEN TOKENS PASSWORD PASSWORDS PASSWD PASS PGPASS PWD PASSPHRASE CREDENTIAL CREDENTIALS APIKEY PAT'.split(
    ' ',
  ),
)
/** Before `KEY`, which alone is any key. */
const KINDS_OF_KEY: readonly string[] = ['API', 'PRIVATE', 'ACCESS', 'ENCRYPTION', 'SECRET']
/** Behind a word of the above: where a secret is, not what it is. */
const ABOUT: readonly string[] = ['FILE', 'PATH', 'DIR', 'URL', 'URI', 'ID']

/** `AWS_SECRET_ACCESS_KEY`, `s3.client.default.secret_key`; not `TOKEN_FILE`, and not the shell's `PWD`. */
export function isSecretName(name: string): boolean {
  const words = name.toUpperCase().split(/[^A-Z0-9]+/)
  const last = words.at(-1) ?? ''
  if (name === 'PWD' || ABOUT.includes(last)) return false
  return (
    words.some((word) => WORDS.has(word)) || (last === 'KEY' && KINDS_OF_KEY.includes(words.at(-2) ?? ''))
  )
}

const FILES: ReadonlySet<string> = new Set(
  '.ssh .aws .azure .gnupg .kube .docker .netrc .pgpass .npmrc .git-credentials id_rsa id_ecdsa id_ed25519'.split(
    ' ',
  ),
)
const IN_ETC: ReadonlySet<string> = new Set(['shadow', 'gshadow', 'sudoers', 'krb5.keytab'])
const IN_PROCESS: ReadonlySet<string> = new Set(['environ', 'mem', 'maps', 'root', 'fd'])

/** The name in the path where people keep keys and passwords. */
export function keyFileIn(segments: readonly string[]): string | undefined {
  return segments.find((segment) => FILES.has(segment))
}

/** Whether only an administrator may see what stands there, or what another process holds. */
export function isGuarded([top = '', second = '', third = '']: readonly string[]): boolean {
  return (top === 'etc' && IN_ETC.has(second)) || (top === 'proc' && IN_PROCESS.has(third)) || top === 'root'
}
