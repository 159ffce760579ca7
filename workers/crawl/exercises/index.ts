/** Every exercise, a file a group of modules: a new module brings its own. */
import { CRYPTO } from './crypto.js'
import type { Exercise } from './exercise.js'
import { FILES } from './files.js'
import { PURE } from './pure.js'
import { ZLIB } from './zlib.js'

export const EXERCISES: readonly Exercise[] = [...PURE, ...FILES, ...ZLIB, ...CRYPTO]
