/** 'bulkhead': what a search-node author imports. Re-exports only. */
export {
  PluginError,
  ERROR_CODES,
  formatFault,
  type ErrorCode,
  type ErrorDetail,
  type Fault,
} from './errors.js'
