# What belongs to no verb, and options that are wrong in general

## no verb
$ plain
gmemctl: which verb? (see gmemctl help)
[2]

## verbs that are not there
$ plain inform
gmemctl: there is no verb 'inform' (see gmemctl help)
[2]
$ plain --json
gmemctl: there is no verb '--json' (see gmemctl help)
[2]
$ plain ''
gmemctl: there is no verb '' (see gmemctl help)
[2]

## help
$ plain help
Usage: gmemctl VERB [OPTION]... [OPERAND]...

Administration of pools of memory without struct pages, for guests.

Verbs:
  list          List pools, what they are made of, who uses them, or what they could take.
  create-pool   Make a pool out of System RAM.
  resize-pool   Take more System RAM into a pool, or give some back.
  destroy-pool  Destroy pools: all of their memory becomes System RAM again.
  compact-pool  Make one range of those that are neighbours, so that whole GiB can be had.
  keep-free     Print or set how much memory has to stay available when a pool takes some.
  reconfigure-device Make DAX devices memory of a pool, and back.
  offline       Give the memory of pools back, and keep the pools.
  online        Take the memory again that the configuration gives to pools.
  save          Print the configuration of pools as they are, or write it to a file.
  restore       Make and resize pools as the configuration says.
  stat          Print how pools and guests use memory, and how that changes.
  monitor       Print what happens to pools, as it happens.
  doctor        Say whether this host is ready for pools, and how to mend what is not.
  help          Print what there is, or the options of a verb.
  version       Print the version.

gmemctl help VERB prints the options of a verb; gmemctl(8) says more.
$ plain --help | head -n 1
Usage: gmemctl VERB [OPTION]... [OPERAND]...
$ plain -h | head -n 1
Usage: gmemctl VERB [OPTION]... [OPERAND]...

## help for a verb, three ways
$ plain help resize-pool
Usage: gmemctl resize-pool [OPTION]... NAME [SIZE]

Take more System RAM into a pool, or give some back.

Options:
  -N, --node N       take or give back memory on this NUMA node, this time
  -m, --max SIZE     let it take System RAM up to this size when guests need it; 0: no more
  -d, --delay SECS   of an elastic pool: give that back when it is free for so long
  -n, --dry-run      print the writes instead of doing them
      --progress     report progress even if standard error is no terminal
  -J, --json         print JSON
  -v, --verbose      say which files are written and which cannot be read
      --sysroot DIR  use DIR/sys and DIR/proc, as tests do
  -h, --help         print this text

SIZE is the new size of the pool; +SIZE and -SIZE are how much to add or to
give back.  N% is of the present size.  Without SIZE it stays as it is, which is
for --max and --delay.
$ plain resize-pool --help | head -n 1
Usage: gmemctl resize-pool [OPTION]... NAME [SIZE]
$ plain resize-pool -h nope and more | head -n 1
Usage: gmemctl resize-pool [OPTION]... NAME [SIZE]

## every verb has it
$ for verb in list create-pool resize-pool destroy-pool help version; do plain help $verb | head -n 1; done
Usage: gmemctl list [OPTION]...
Usage: gmemctl create-pool [OPTION]... NAME
Usage: gmemctl resize-pool [OPTION]... NAME [SIZE]
Usage: gmemctl destroy-pool [OPTION]... NAME...
Usage: gmemctl help [OPTION]... [VERB]
Usage: gmemctl version [OPTION]...

## help for what is not there
$ plain help inform
gmemctl help: there is no verb 'inform' (see gmemctl help)
[2]
$ plain help list list
gmemctl help: 'list' is one operand too many; usage: gmemctl help [VERB]
[2]

## the version
$ plain version | sed 's/[0-9.]*$/N/'
gmemctl N
$ plain --version | sed 's/[0-9.]*$/N/'
gmemctl N
$ plain -V | sed 's/[0-9.]*$/N/'
gmemctl N
$ plain version --json
gmemctl version: unknown or ambiguous option '--json' (see gmemctl help version)
[2]

## what is quoted is no command to the terminal, and one line
$ tree numa
$ gmemctl create-pool "$(printf 'a\033[31mb\nc')"
gmemctl create-pool: 'a?[31mb?c' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]

## unknown options
$ tree numa
$ gmemctl list --colour
gmemctl list: unknown or ambiguous option '--colour' (see gmemctl help list)
[2]
$ gmemctl list -x
gmemctl list: unknown option '-x' (see gmemctl help list)
[2]
$ gmemctl list -Jx
gmemctl list: unknown option '-x' (see gmemctl help list)
[2]
$ gmemctl create-pool vm0 --force
gmemctl create-pool: unknown or ambiguous option '--force' (see gmemctl help create-pool)
[2]

## values that are missing, or not wanted
$ tree numa
$ gmemctl list -p
gmemctl list: --pool needs a value, NAME,... (see gmemctl help list)
[2]
$ gmemctl list --pool
gmemctl list: --pool needs a value, NAME,... (see gmemctl help list)
[2]
$ gmemctl list --json=yes
gmemctl list: --json takes no value, '--json=yes' has one
[2]
$ gmemctl create-pool vm0 --size
gmemctl create-pool: --size needs a value, SIZE (see gmemctl help create-pool)
[2]

## long options may be shortened, but not to what is ambiguous
$ tree numa
$ gmemctl list --name
boot
empty
vm2
vm10
$ gmemctl list --no
gmemctl list: unknown or ambiguous option '--no' (see gmemctl help list)
[2]

## a root directory that is not there
$ plain list --sysroot /nonexistent
gmemctl list: --sysroot: '/nonexistent': No such file or directory
[2]

## output that nobody gets
$ tree numa
$ gmemctl list > /dev/full
gmemctl: cannot write the output: No space left on device
[1]

## an object cannot forge a line
$ tree dax
$ gmemctl reconfigure-device -m devdax "$(printf 'x\ny\033[2J')"
gmemctl reconfigure-device: x?y?[2J: cannot become devdax: there is no such device: No such file or directory
  hint: gmemctl list -D shows those that there are
[4]
$ gmemctl list -S bogus
gmemctl list: --origin: 'bogus' is not boot, ram or dax
[2]
