/**
 * Which characters may stand where in a message (RFC 9110 and 9112), as tables over
 * character codes: a loop over them is quicker in a plugin than a regular expression.
 */
import { httpError, invalidType } from './errors.js'

const TOKEN = new Uint8Array(256)
const VALUE = new Uint8Array(256)
for (const character of "!#$%&'*+-.^_`|~0123456789") TOKEN[character.charCodeAt(0)] = 1
for (let letter = 0; letter < 26; letter++) TOKEN[65 + letter] = TOKEN[97 + letter] = 1
for (let code = 0x20; code < 256; code++) if (code !== 0x7f) VALUE[code] = 1
VALUE[9] = 1

const only = (table: Uint8Array, text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (table[text.charCodeAt(at)] !== 1) return false
  return true
}

/** A name of a header or method. */
export function isToken(text: string): boolean {
  return text !== '' && only(TOKEN, text)
}

/** A header's value, a reason phrase or a chunk extension: Latin-1 without controls, tab aside. */
export function isFieldValue(text: string): boolean {
  return only(VALUE, text)
}

/** Nothing below `!`, nothing beyond Latin-1: no space and no line end can get into a request line. */
export function isPath(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x21 || code > 0xff) return false
  }
  return true
}

export function validateHeaderName(name: unknown, label: unknown = 'Header name'): asserts name is string {
  if (typeof name === 'string' && isToken(name)) return
  const message = `${String(label)} must be a valid HTTP token ["${String(name)}"]`
  throw httpError('ERR_INVALID_HTTP_TOKEN', message, TypeError)
}

/** Takes a list as a value of each entry, as setHeader does. */
export function validateHeaderValue(name: unknown, value: unknown): void {
  if (value === undefined) {
    const message = `Invalid value "${String(value)}" for header "${String(name)}"`
    throw httpError('ERR_HTTP_INVALID_HEADER_VALUE', message, TypeError)
  }
  if (!isFieldValue(String(value as string))) throw invalidChar('header content', String(name))
}

export function invalidChar(what: string, name?: string): Error {
  const place = name === undefined ? '' : ` ["${name}"]`
  return httpError('ERR_INVALID_CHAR', `Invalid character in ${what}${place}`, TypeError)
}

/** @throws unless it is undefined or a method's name */
export function methodOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'GET'
  if (typeof value !== 'string') throw invalidType('options.method', 'of type string')
  validateHeaderName(value, 'Method')
  return value.toUpperCase()
}

export const METHODS: readonly string[] = [
  'ACL',
  'BIND',
  'CHECKOUT',
  'CONNECT',
  'COPY',
  'DELETE',
  'GET',
  'HEAD',
  'LINK',
  'LOCK',
  'M-SEARCH',
  'MERGE',
  'MKACTIVITY',
  'MKCALENDAR',
  'MKCOL',
  'MOVE',
  'NOTIFY',
  'OPTIONS',
  'PATCH',
  'POST',
  'PROPFIND',
  'PROPPATCH',
  'PURGE',
  'PUT',
  'QUERY',
  'REBIND',
  'REPORT',
  'SEARCH',
  'SOURCE',
  'SUBSCRIBE',
  'TRACE',
  'UNBIND',
  'UNLINK',
  'UNLOCK',
  'UNSUBSCRIBE',
]

export const STATUS_CODES: Readonly<Record<string, string>> = {
  100: 'Continue',
  101: 'Switching Protocols',
  102: 'Processing',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  205: 'Reset Content',
  206: 'Partial Content',
  207: 'Multi-Status',
  208: 'Already Reported',
  226: 'IM Used',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  305: 'Use Proxy',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  418: "I'm a Teapot",
  421: 'Misdirected Request',
  422: 'Unprocessable Entity',
  423: 'Locked',
  424: 'Failed Dependency',
  425: 'Too Early',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  506: 'Variant Also Negotiates',
  507: 'Insufficient Storage',
  508: 'Loop Detected',
  509: 'Bandwidth Limit Exceeded',
  510: 'Not Extended',
  511: 'Network Authentication Required',
}
