/** Words, strings, comments and space. */
import type { Case } from './case.js'

export const TOKENS: readonly Case[] = [
  {
    says: 'C escapes',
    text: 'grant { permission A "\\a\\b\\f\\n\\r\\t\\v\\\\\\"\\\'\\q"; };',
    jdk: [{ permissions: [['A', '\u0007\b\f\n\r\t\u000b\\"\'q']] }],
    opensearch3: 'the same',
  },
  {
    says: 'octal escapes stay below 256',
    text: 'grant { permission A "\\0\\7\\12\\377\\477\\189\\400"; };',
    jdk: [{ permissions: [['A', "\u0000\u0007\n\u00ff'7\u000189 0"]] }],
    opensearch3: 'the same',
  },
  {
    says: 'there is no escape for Unicode',
    text: 'grant { permission A "\\u0041\\x41"; };',
    jdk: [{ permissions: [['A', 'u0041x41']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a string ends at the end of its line',
    text: 'grant { permission A "t\n; };',
    jdk: [{ permissions: [['A', 't']] }],
    opensearch3: 'the same',
  },
  {
    says: 'also at a carriage return',
    text: 'grant { permission A "t\r, "a\r\n; };',
    jdk: [{ permissions: [['A', 't', 'a']] }],
    opensearch3: 'the same',
  },
  {
    says: 'an escaped line feed belongs to the string',
    text: 'grant { permission A "a\\\nb"; };',
    jdk: [{ permissions: [['A', 'a\nb']] }],
    opensearch3: 'the same',
  },
  {
    says: 'of an escaped CR LF only the first',
    text: 'grant { permission A "a\\\r\n; };',
    jdk: [{ permissions: [['A', 'a\r']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a text may end behind a backslash, but no entry does',
    text: 'keystore "k\\',
    jdk: 'refuses',
    opensearch3: 'never ends',
  },
  {
    says: 'a single quote in a string is a letter',
    text: 'grant { permission A "it\'s"; };',
    jdk: [{ permissions: [['A', "it's"]] }],
    opensearch3: 'the same',
  },
  {
    says: 'a comment in a string is text',
    text: 'grant { permission A "http://x/*y*/"; };',
    jdk: [{ permissions: [['A', 'http://x/*y*/']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a comment separates',
    text: 'grant/**/{/* } */permission/***/A// ;\n;};',
    jdk: [{ permissions: [['A']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a comment does not nest',
    text: 'grant { /* /* */ permission A; };',
    jdk: [{ permissions: [['A']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a comment without an end hides the rest',
    text: 'grant { }; /* grant { ',
    jdk: [{ permissions: [] }],
    opensearch3: 'the same',
  },
  {
    says: 'the star of a comment is not its end',
    text: 'grant { }; /*/ grant',
    jdk: [{ permissions: [] }],
    opensearch3: 'the same',
  },
  {
    says: 'a slash alone is no comment',
    text: 'grant { / permission A; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'a line comment ends at a carriage return',
    text: 'grant { // c\rpermission A; };',
    jdk: [{ permissions: [['A']] }],
    opensearch3: 'the same',
  },
  { says: '# begins no comment', text: '# c\ngrant { };', jdk: 'refuses', opensearch3: 'never ends' },
  {
    says: 'control characters are space',
    text: '\u0000grant\u001f{\u000bpermission\u0001A;};',
    jdk: [{ permissions: [['A']] }],
    opensearch3: 'the same',
  },
  {
    says: 'U+007F is no letter and no space',
    text: 'grant { permission A\u007f; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  { says: 'nor is U+0080', text: 'grant { permission \u0080A; };', jdk: 'refuses', opensearch3: 'refuses' },
  {
    says: 'from U+00A0 up all are letters',
    text: 'grant { permission \u00a0\u00e9\u4f60\ud800\u3000 "\u{1f600}"; };',
    jdk: [{ permissions: [['\u00a0\u00e9\u4f60\ud800\u3000', '\u{1f600}']] }],
    opensearch3: 'the same',
  },
  {
    says: 'digits and dots begin words',
    text: 'grant { permission 7.a$_ "t"; };',
    jdk: [{ permissions: [['7.a$_', 't']] }],
    opensearch3: 'the same',
  },
  {
    says: 'lone surrogates in strings are kept',
    text: 'grant { permission A "\ud800", "\udc00"; };',
    jdk: [{ permissions: [['A', '\ud800', '\udc00']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a null character in a string is kept',
    text: 'grant { permission A "\u0000"; };',
    jdk: [{ permissions: [['A', '\u0000']] }],
    opensearch3: 'the same',
  },
]
