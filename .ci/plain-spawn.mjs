// Loaded into each test process: keeps tap out of the processes that tests start. Bulkhead starts its
// children with an empty environment and permission flags, under which tap's loader cannot run; and a
// test of what a child gets must see what it gets without tap.
const SINGLETON = Symbol.for('process-on-spawn@*:singletonId') // of the package through which tap adds its loader
if (SINGLETON in globalThis) globalThis[SINGLETON].unwrap()
else globalThis[SINGLETON] = { version: 1, listeners: [], unwrap() {} }
// And what a child would inherit.
if (process.env.NODE_OPTIONS?.includes('@tapjs')) delete process.env.NODE_OPTIONS
