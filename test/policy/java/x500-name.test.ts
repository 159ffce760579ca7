// The name of an X500Principal is kept letter for letter as JDK 17 keeps it.
import t from 'tap'
import { normalizeX500Name } from '../../../lib/policy/java/x500-name.js'

const CASES = [
  ['', ''],
  ['CN=Duke', 'CN=Duke'],
  ['cn = Duke ,OU= Java Soft;o=Sun', 'CN=Duke,OU=Java Soft,O=Sun'],
  ['CN=a + OU=b, C=US', 'CN=a+OU=b,C=US'],
  ['S=x, DNQ=y', 'ST=x,2.5.4.46=#130179'],
  ['EMAILADDRESS=a@b.c', '1.2.840.113549.1.9.1=#16056140622e63'],
  ['DC=\u00e9', 'DC=?'],
  ['2.5.4.3=a, OID.2.5.4.4=b', 'CN=a,2.5.4.4=#130162'],
  ['1.2.3.4=\u00e9', '1.2.3.4=#0c02c3a9'],
  ['CN=', 'CN='],
  ['CN=a\\, b', 'CN=a\\, b'],
  ['CN="a, b"', 'CN=a\\, b'],
  ['CN=" a "', 'CN=a'],
  ['CN=\\ a', 'CN=a'],
  ['CN=\\C3\\A9', 'CN=\u00e9'],
  ['CN=a \\41', 'CN=aA'],
  ['CN=#1301 41', null],
  ['CN=#130141', 'CN=A'],
  ['CN=#0401ff', 'CN=#0401ff'],
  ['CN=#1401e9', 'CN=\u00e9'],
  ['CN=#1e0200e9', 'CN=\u00e9'],
  ['CN=#148101e9', 'CN=\u00e9'],
  ['CN=#1481', null],
  ['CN=#13', null],
  ['CN=a#b=c', 'CN=a\\#b\\=c'],
  ['CN="\\"q\\""', 'CN=q'],
  ['CN=\0', 'CN=\\00'],
  ['CN=\ud800', 'CN=?'],
  ['Duke', null],
  ['X=1', null],
  ['3.1=1', null],
  ['1.40=1', null],
  ['1.2.=1', null],
  ['CN=a,', null],
  ['CN=a"b', null],
  ['CN=a<b', null],
  ['CN=\\q', null],
  ['CN=\\4', null],
  ['CN="a', null],
  ['CN="a" b', null],
] as const

t.test('names are read and printed as by the JDK', (t) => {
  for (const [text, name] of CASES) t.equal(normalizeX500Name(text), name, JSON.stringify(text))
  t.end()
})

t.test('a long name takes no more than linear space and returns', (t) => {
  const long = `CN=${' '.repeat(200_000)}a${'\\,'.repeat(100_000)}`
  t.equal(normalizeX500Name(long)?.length, long.length - 200_000)
  t.end()
})
