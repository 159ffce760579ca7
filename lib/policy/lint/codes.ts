/**
 * Every code of the linter: how bad it is, what it is called and why anyone should
 * care. The reference pages are made from this table, so it is written for operators.
 */
/** error: surely wrong or dangerous; warning: probably wider than meant; info: worth knowing. */
export type LintSeverity = 'error' | 'warning' | 'info'

interface LintRule {
  readonly severity: LintSeverity
  readonly title: string
  /** One to three sentences. */
  readonly why: string
}

export type LintCode =
  | HostCode
  | FileCode
  | 'placeholder'
  | 'duplicate-rule'
  | 'covered-rule'
  | JavaCode
  | BreadthCode
  | PackageCode
  | ApprovalCode
  | ModuleCode
  | 'findings-left-out'
type HostCode =
  | 'any-host'
  | 'any-web-host'
  | 'wildcard-domain'
  | 'shared-domain'
  | 'all-ports'
  | 'metadata-address'
  | 'loopback-address'
  | 'private-network'
  | 'private-address'
type FileCode =
  | 'any-file'
  | 'system-write'
  | 'secret-file'
  | 'developer-path'
  | 'temporary-path'
  | 'parent-path'
  | 'dead-path'
type JavaCode =
  | 'java-all-permission'
  | 'java-any-runtime'
  | 'java-any-name'
  | 'java-ignored-actions'
  | 'java-refused'
  | 'java-unknown-class'
  | 'java-unknown-property'
  | 'java-relative-path'
  | 'java-execute'
  | 'java-write-without-delete'
  | 'java-unreachable-codebase'
  | 'java-duplicate-grant'
  | 'java-covered-grant'
type BreadthCode =
  'secret-env' | 'all-settings' | 'whole-cluster-state' | 'any-extension-point' | 'high-limit'
type PackageCode = 'unknown-package' | 'covered-package-rule'
type ApprovalCode =
  | 'narrow-not-asked'
  | 'narrow-meets-nothing'
  | 'addition-expired'
  | 'addition-expires-soon'
  | 'addition-covered'
  | 'addition-without-end'
  | 'any-code-accepted'
type ModuleCode = 'unused-capability' | 'uncovered-import' | 'denied-import'

export const LINT_CODES: { readonly [Code in LintCode]: LintRule } = {
  // Hosts and ports
  'any-host': {
    severity: 'warning',
    title: 'Any host',
    why: 'Code that may connect to every host can send whatever it sees to whoever asks for it. Few plugins talk to more than a handful of hosts, and the operator knows which.',
  },
  'any-web-host': {
    severity: 'info',
    title: 'Any host, on the ports of the web',
    why: 'A client of the web may need it, and private addresses stay closed; but one HTTPS request is enough to carry data out. An approval can narrow it to the hosts this node really calls.',
  },
  'wildcard-domain': {
    severity: 'warning',
    title: 'A whole top-level domain',
    why: 'Anybody can register a name below com or co.uk, so the rule is hardly narrower than any host.',
  },
  'shared-domain': {
    severity: 'info',
    title: 'A domain in which anybody can have a host',
    why: 'Below the domains of cloud providers every customer gets names. The rule reaches the buckets and sites of strangers too, and data can leave through them.',
  },
  'all-ports': {
    severity: 'warning',
    title: 'All ports',
    why: 'A service has one port or a few. All ports open the administration, the databases and the shells of the same host as well.',
  },
  'metadata-address': {
    severity: 'error',
    title: 'The metadata service of the cloud',
    why: 'The metadata address answers every process of a virtual machine with the credentials of the machine. A plugin that reaches it is the machine, whatever else its policy says.',
  },
  'loopback-address': {
    severity: 'warning',
    title: 'The machine itself',
    why: 'Services that listen on loopback often ask for no password, since only local programs reach them. The search node itself is one of them: a plugin could call it without any wall in between.',
  },
  'private-network': {
    severity: 'warning',
    title: 'A whole private network',
    why: 'Private networks hold the databases and the management of the site. What a plugin needs there is one service, not the neighbourhood.',
  },
  'private-address': {
    severity: 'info',
    title: 'A private address in a policy that travels',
    why: 'A private address means another machine at each site. The policy of a plugin is the same everywhere; the operator of one site adds its addresses in the approval.',
  },
  // Files
  'any-file': {
    severity: 'error',
    title: 'Any file',
    why: 'The rule reaches the keys, the configuration and the indices of the node. Nothing that a plugin does needs all files.',
  },
  'system-write': {
    severity: 'error',
    title: 'Writing to the system',
    why: 'Whoever writes to the directories of the system changes what other programs run, and so leaves every sandbox.',
  },
  'secret-file': {
    severity: 'warning',
    title: 'A file that keeps secrets',
    why: 'Keys, tokens and password files give the plugin the rights of whoever they belong to. A setting of the node can give it the one secret it needs.',
  },
  'developer-path': {
    severity: 'warning',
    title: "A path of somebody's own machine",
    why: 'The home directory of a person or the output of a build exists where the policy was written and nowhere else. On a node the rule is dead, or it opens what happens to lie there.',
  },
  'temporary-path': {
    severity: 'warning',
    title: 'A directory for everybody',
    why: 'Every user of the machine can put files and links into the shared temporary directories, and read what a plugin leaves there.',
  },
  'parent-path': {
    severity: 'warning',
    title: "A path with '..'",
    why: 'A reader sees another directory than the code does, and a change of the first half of the path moves the rule somewhere nobody looked at.',
  },
  'dead-path': {
    severity: 'warning',
    title: 'A path that no rule can open',
    why: "Wildcards do not reach /proc and /dev, and the plugin's own directory is never writable: the rule looks like a permission and grants nothing.",
  },
  // Any rule
  placeholder: {
    severity: 'error',
    title: 'A placeholder that nobody filled in',
    why: 'The policy was copied from a template. Example domains belong to other people, and the rule that is really needed is missing.',
  },
  'duplicate-rule': {
    severity: 'info',
    title: 'The same rule twice',
    why: 'Whoever removes one of the two believes that the permission is gone.',
  },
  'covered-rule': {
    severity: 'warning',
    title: 'A rule that another rule covers',
    why: 'The narrow rule is what somebody meant; the wide one is what holds. Narrowing has to start with the wide one.',
  },
  // Java policies
  'java-all-permission': {
    severity: 'error',
    title: 'AllPermission',
    why: 'It grants everything and says nothing about what the code needs. It has no translation: no capability means everything.',
  },
  'java-any-runtime': {
    severity: 'error',
    title: 'Every runtime permission',
    why: "RuntimePermission '*' holds createClassLoader and setSecurityManager, with either of which code gives itself the rest. It is AllPermission by another name.",
  },
  'java-any-name': {
    severity: 'warning',
    title: 'Every target of a permission',
    why: "The target '*' stands for all names of the class, also for those that later versions bring.",
  },
  'java-ignored-actions': {
    severity: 'error',
    title: 'Actions on a permission that has none',
    why: "Permissions that are only a name ignore the second text. RuntimePermission '*', 'setContextClassLoader' reads like one permission and grants every runtime permission.",
  },
  'java-refused': {
    severity: 'error',
    title: 'A permission the JDK cannot make',
    why: 'The constructor of the class throws. The JDK reports it and goes on without the permission, so the line grants nothing.',
  },
  'java-unknown-class': {
    severity: 'warning',
    title: 'An unknown permission class',
    why: 'Nobody can say what the line grants. Either the name is misspelt or the class belongs to a library whose meaning has to be looked up.',
  },
  'java-unknown-property': {
    severity: 'warning',
    title: 'A property without a value',
    why: 'Where a property is not set the JDK drops the permission, or the whole grant when it stands in the head, without a word.',
  },
  'java-relative-path': {
    severity: 'warning',
    title: 'A relative path',
    why: 'It is relative to the directory in which the node happens to be started. A name with dots in it is often a system property under the wrong class.',
  },
  'java-execute': {
    severity: 'warning',
    title: 'Starting programs',
    why: 'A program that is started runs outside the security manager. There is no counterpart: a plugin starts no programs.',
  },
  'java-write-without-delete': {
    severity: 'info',
    title: 'Writing without deleting',
    why: 'The JDK tells writing and deleting apart, fs.write does not: whoever may write may also remove.',
  },
  'java-unreachable-codebase': {
    severity: 'warning',
    title: 'A codebase that is not there',
    why: 'The grant is for the code of one jar, and nothing in the bundle corresponds to it. Its permissions reach nobody; if they are needed, they are needed under another name.',
  },
  'java-duplicate-grant': {
    severity: 'info',
    title: 'Two grants for the same code',
    why: 'Both count together, but a reader who has found the first does not look for a second.',
  },
  'java-covered-grant': {
    severity: 'warning',
    title: 'A grant that the grant for all code covers',
    why: 'The permissions were meant for one codebase, and all code has them anyway.',
  },
  // What is wider than a plugin needs
  'secret-env': {
    severity: 'info',
    title: 'A variable that looks like a secret',
    why: 'The plugin can read it and pass it on. That may be its purpose; the operator should know.',
  },
  'all-settings': {
    severity: 'warning',
    title: 'All settings of the node',
    why: 'Settings hold addresses, paths and, for older plugins, passwords of everything else that runs on the node.',
  },
  'whole-cluster-state': {
    severity: 'warning',
    title: 'The whole cluster state',
    why: 'The state names every index, node and stored script. Watching all of it also costs a message for every change of the cluster.',
  },
  'any-extension-point': {
    severity: 'warning',
    title: 'Any route or any processor',
    why: 'A plugin that may register every route can stand in front of the routes of others. Its own prefix is enough.',
  },
  'high-limit': {
    severity: 'warning',
    title: 'A limit far above the default',
    why: 'Limits are what keeps a faulty plugin from starving the node. A plugin that needs many times the default needs a reason.',
  },
  // npm packages
  'unknown-package': {
    severity: 'warning',
    title: 'Rules for a package that is not in the bundle',
    why: 'The rules reach nobody now, and wait for whatever package takes the name later.',
  },
  'covered-package-rule': {
    severity: 'info',
    title: 'A package may do what the whole plugin may',
    why: 'The rule of the package adds nothing. Either it goes, or the rule of the whole plugin goes and the package alone keeps it.',
  },
  // Approvals
  'narrow-not-asked': {
    severity: 'warning',
    title: 'Narrowing what nobody asked for',
    why: 'Narrowing only takes away. Whoever meant to grant something has granted nothing; that is what additions are for.',
  },
  'narrow-meets-nothing': {
    severity: 'warning',
    title: 'A narrowing that leaves nothing',
    why: 'The rule overlaps nothing the plugin asks for, so it keeps nothing. It is usually a misspelt host or path, and the plugin fails at work.',
  },
  'addition-expired': {
    severity: 'warning',
    title: 'An addition that has expired',
    why: 'It grants nothing any more. Either the need is over and the addition can go, or the plugin is failing now.',
  },
  'addition-expires-soon': {
    severity: 'info',
    title: 'An addition that expires within 14 days',
    why: 'From that day on the plugin is refused what the addition grants.',
  },
  'addition-covered': {
    severity: 'info',
    title: 'An addition for what is granted anyway',
    why: 'It changes nothing today, but it stays when an update of the plugin asks for less.',
  },
  'addition-without-end': {
    severity: 'warning',
    title: 'An addition without an end that opens the network or writing',
    why: 'Exceptions outlive their reason. The plugin never asked for this, so nobody else will notice that it is still open.',
  },
  'any-code-accepted': {
    severity: 'info',
    title: 'Any code of the plugin is accepted',
    why: 'Updates start without anybody looking, as long as they ask for the same. What the policy allows is then open to whoever can publish the plugin.',
  },
  // What the bundle imports
  'unused-capability': {
    severity: 'warning',
    title: 'A capability that the code never uses',
    why: 'The bundle imports no module that could use it. It only widens what an attacker gets.',
  },
  'uncovered-import': {
    severity: 'warning',
    title: 'An import that no rule covers',
    why: 'The module can be imported without a grant, and everything that it is asked to do is refused. Better to learn that before the plugin is installed.',
  },
  'denied-import': {
    severity: 'warning',
    title: 'An import that no policy opens',
    why: 'Some modules lead out of every sandbox and are never granted. Code that needs one fails; a library that merely can use one often works without.',
  },
  // The list itself
  'findings-left-out': {
    severity: 'info',
    title: 'More findings than are shown',
    why: 'The list is bounded so that a hostile file stays cheap. Mend what is shown and look again.',
  },
}
