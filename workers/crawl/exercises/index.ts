/** Every exercise, a file a group of modules: a new module brings its own. */
import { CRYPTO } from './crypto.js'
import { DNS } from './dns.js'
import type { Exercise } from './exercise.js'
import { FILES } from './files.js'
import { HTTP } from './http.js'
import { KEYS } from './keys.js'
import { NET } from './net.js'
import { POWERS } from './powers.js'
import { PURE } from './pure.js'
import { TLS } from './tls.js'
import { WEB } from './web.js'
import { ZLIB } from './zlib.js'

export const EXERCISES: readonly Exercise[] = [
  ...PURE,
  ...FILES,
  ...ZLIB,
  ...CRYPTO,
  ...KEYS,
  ...NET,
  ...TLS,
  ...HTTP,
  ...DNS,
  ...WEB,
  ...POWERS,
]
