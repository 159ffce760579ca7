/** Every case there is. */
import type { Chapter } from '../escape-case.js'
import { climbs } from './climbs.js'
import { files } from './files.js'
import { modules } from './modules.js'
import { names } from './names.js'
import { network } from './network.js'
import { poison } from './poison.js'

export const CHAPTERS: readonly Chapter[] = [files, modules, poison, climbs, network, names]
