/** The auditor of this thread; imported before anything that locks the realm down. */
import { takeHostModules } from '../attenuate/host-modules.js'
import { takeAuditor, type Auditor } from './audit.js'

export const auditor: Auditor = takeAuditor(takeHostModules())
