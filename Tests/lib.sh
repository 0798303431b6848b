# Shell functions that Tests/run and Demo/run share. Source it with bash; it does nothing by itself.

satchel_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What the build needs of Debian 12: first what Swift asks of it, which a toolchain that was only
# unpacked has not brought along, then our own. The version of libsodium is the first with its fix to
# the validation of points.
satchel_build_packages=(
  gcc libc6-dev libstdc++-12-dev libncurses6 libxml2 tzdata
  pkg-config libsqlite3-dev 'libsodium-dev>=1.0.18-1+deb12u1' libmicrohttpd-dev libcurl4-openssl-dev
  libqrencode-dev)

# satchel_say TEXT… – a line about what happens now. On standard error: results stay apart.
satchel_say() {
  printf '\n== %s\n' "$*" >&2
}

# satchel_fail TEXT HINT – what went wrong and what to do; returns 1.
satchel_fail() {
  printf '\nerror: %s\nhint: %s\n' "$1" "$2" >&2
  return 1
}

# Whether a Debian package is there, in the version that is asked for: `name` or `name>=version`.
_satchel_has_package() {
  local state version
  state=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "${1%%>=*}" 2>/dev/null) || return 1
  version=${state#* }
  [[ ${state%% *} == installed ]] || return 1
  [[ $1 != *'>='* ]] || dpkg --compare-versions "$version" ge "${1#*>=}"
}

# satchel_prepare PACKAGE… – looks for Swift, and installs those of the packages that are missing;
# where that is not possible, says what to do and returns 1. In this order, because nothing should be
# installed in vain, and because Swift does not start without some of the packages.
satchel_prepare() {
  if ! command -v swift >/dev/null; then
    satchel_fail 'there is no Swift on PATH' \
      'install Swift 6.3 for Debian 12 (https://swift.org/install) and add its usr/bin to PATH'
    return
  fi
  _satchel_need_packages "$@" && _satchel_need_swift
}

_satchel_need_packages() {
  local package missing=()
  if ! command -v dpkg-query >/dev/null; then
    satchel_fail 'this is not Debian, so packages cannot be looked up' \
      "install what these Debian packages have, then remove this check: $*"
    return
  fi
  for package in "$@"; do
    _satchel_has_package "$package" || missing+=("${package%%>=*}")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  _satchel_install "${missing[@]}" || return
  for package in "$@"; do
    _satchel_has_package "$package" || {
      satchel_fail "$package is not to be had here" \
        'this needs Debian 12 with its security updates, see /etc/apt/sources.list'
      return
    }
  done
}

_satchel_install() {
  local command=() log hint="as root: apt-get update && apt-get install -y $*"
  if [[ $(id -u) -ne 0 ]]; then
    # Ask for a password only where somebody can type one.
    if [[ -t 0 ]] && command -v sudo >/dev/null; then
      command=(sudo)
    elif sudo -n true 2>/dev/null; then
      command=(sudo -n)
    else
      satchel_fail "missing Debian packages: $*" "$hint"
      return
    fi
  fi
  satchel_say "Installing Debian packages: $*"
  # A fresh machine may be at its own updates, so wait for them.
  command+=(
    env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=300)
  log=$(mktemp) || return
  # Where the lists cannot be brought up to date, the old ones may do.
  if ! { "${command[@]}" update; "${command[@]}" install --no-install-recommends "$@"; } \
    >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    # apt's words for a name that does not resolve, and for an address that does not answer.
    ! grep -qE 'failure resolving|Could not (resolve|connect)|Unable to connect' "$log" ||
      hint="bring this machine online and try again"
    rm -f "$log"
    satchel_fail "could not install: $*" "$hint"
    return
  fi
  rm -f "$log"
}

# Whether the compiler starts, and is new enough.
_satchel_need_swift() {
  local version
  if ! version=$(swift --version 2>&1); then
    printf '%s\n' "$version" >&2
    satchel_fail 'Swift does not start' \
      'see above; install Swift 6.3 for Debian 12: https://swift.org/install'
    return
  fi
  if [[ $version =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] &&
    ((BASH_REMATCH[1] * 100 + BASH_REMATCH[2] < 603)); then
    satchel_fail "Swift ${BASH_REMATCH[1]}.${BASH_REMATCH[2]} is too old" 'install Swift 6.3 or newer'
  fi
}

# satchel_build [debug|release] [OPTION…] – builds; further options go to `swift build`.
satchel_build() {
  local configuration=${1:-debug}
  shift || true
  swift build --package-path "$satchel_root" -c "$configuration" \
    --explicit-target-dependency-import-check error "$@"
}

# satchel_bin [debug|release] – the folder of the built programs.
satchel_bin() {
  swift build --package-path "$satchel_root" -c "${1:-debug}" --show-bin-path
}
