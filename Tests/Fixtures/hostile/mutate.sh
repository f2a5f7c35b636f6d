#!/bin/sh
# Asks whether the corpus would notice: switches single checks off, one after the other, builds the program, runs the
# corpus, and says which test went red. A check that can go without a red test is a hole in the corpus.
#
#   Tests/Fixtures/hostile/mutate.sh            all of them, about half a minute each
#   Tests/Fixtures/hostile/mutate.sh relro      those whose name has this in it
#   FROM=entry-twice Tests/Fixtures/hostile/mutate.sh    from this one on
#
# By hand, from the repository's folder, after `swift build --build-tests`, with nothing uncommitted below Sources. It
# works on the files in place and puts them back, also when it is interrupted. Exit code 1 if a change survived.
#
# A line of the table: name | file below Sources | what to find | what to put there, as Perl's s/// has it, \Q...\E around.
set -eu
wanted=${1:-}
from=${FROM:-}
survivors=0
if ! git diff --quiet -- Sources; then echo "There are uncommitted changes below Sources." >&2; exit 64; fi
log=$(mktemp)
trap 'git checkout -q -- Sources; rm -f "$log"' EXIT
trap 'exit 130' INT TERM

check() {
  name=$1 file=Sources/$2 find=$3 put=$4
  case $name in "$from") from= ;; esac
  [ -z "$from" ] || return 0
  case $name in *"$wanted"*) ;; *) return 0 ;; esac
  FIND=$find PUT=$put perl -0pi -e '$n = s/\Q$ENV{FIND}\E/$ENV{PUT}/; END { exit !$n }' "$file" || {
    echo "$name: $file has no: $find" >&2; exit 70; }
  if ! swift build --product omphalos >"$log" 2>&1; then
    echo "DOES NOT BUILD | $name"
    grep -m 3 'error:' "$log" >&2
    survivors=1
    git checkout -q -- Sources
    return 0
  fi
  if timeout 600 swift test --skip-build --filter "$suites" >"$log" 2>&1; then
    echo "SURVIVED | $name"
    survivors=1
  else
    red=$(grep -c 'recorded an issue' "$log" || true)
    first=$(sed -n 's/.*recorded an issue with 1 argument example → \(.*\) at Hostile[A-Za-z]*Tests.swift.*/\1/p' "$log" | sort | head -1)
    echo "$name | $red red | $first"
  fi
  git checkout -q -- Sources
}

# The ELF reader.
suites='HostileLayoutTests|HostileDynamicTests|HostileFileTests|HostileNoteTests'
check header-abiversion ELFInspection/FileHeader.swift 'guard bytes[at + 8] == 0 else' 'guard true else'
check loads-shrink ELFInspection/Segments.swift 'guard load.fileBytes <= load.memoryBytes else' 'guard true else'
check loads-shared-page ELFInspection/Segments.swift \
  'guard previousEnd == 0 || load.address / ELF.pageBytes > (previousEnd - 1) / ELF.pageBytes else' 'guard true else'
check segments-repeated ELFInspection/SegmentPlaces.swift 'guard found.count <= 1 else' 'guard true else'
check headers-elsewhere ELFInspection/SegmentPlaces.swift \
  'guard segment.offset == header.programHeaders else' 'guard true else'
check tls-size ELFInspection/SegmentPlaces.swift \
  'guard segment.memoryBytes <= UInt64(ELFLimits.threadLocalBytes) else' 'guard true else'
check relro-outside ELFInspection/SegmentPlaces.swift 'guard isInside || segment.memoryBytes == 0 else' 'guard true else'
check dynamic-elsewhere ELFInspection/DynamicSection.swift 'guard loaded == segment.offset else' 'guard true else'
check dynamic-pairs ELFInspection/DynamicSection.swift '        try checkPairs()' ''
check hash-range ELFInspection/SymbolHash.swift 'guard symbol < seen.count else' 'guard true else'
check gnu-hash-first ELFInspection/SymbolHash.swift 'guard symbol == 0 || symbol >= firstSymbol else' 'guard true else'
check version-chain ELFInspection/SymbolVersions.swift '    throw goesOn(what, count)' ''
check version-numbers ELFInspection/SymbolVersions.swift '    try checkNumbers()' ''
check version-stranger ELFInspection/ELFInspector.swift '    try symbols.checkLibraries(needed)' ''
check relocation-outside ELFInspection/Relocations.swift \
  'throw .relocationOutside(address: address)' 'return address..<address'
check name-outside ELFInspection/DynamicSection.swift 'guard offset < UInt64(bytes.count) else' \
  'if offset >= UInt64(bytes.count) { return "" }; guard true else'
check note-trailing ELFInspection/NoteReader.swift 'guard bytes[at...].allSatisfy({ $0 == 0 }) else' 'guard true else'

# Notes, declaration and decision.
suites='HostileNoteTests|HostileDeclarationTests|HostileGrowthTests|HostileFileTests'
check notes-twice Admission/DeclarationNotes.swift 'guard notes.count > 1 else' 'guard notes.count > 9 else'
check note-writable Admission/DeclarationNotes.swift 'if note.isWritable {' 'if false {'
check note-relocated Admission/DeclarationNotes.swift 'if note.isRelocated {' 'if false {'
check note-length Admission/DeclarationParser.swift 'guard text.count <= limit else' 'guard true else'
check minor-order Admission/DeclarationParser.swift 'if let required, let built, required > built {' 'if let required, let built, required == 0x7654, built == 0x3210 {'
check plugin-flags Admission/DeclarationParser.swift \
  'if let flags, flags & 0xffff_0000 & ~PluginFlags.known != 0 {' 'if let flags, flags == 0x7654_3210 {'
check unknown-kind Admission/DeclarationParser.swift 'if let kind, kind.number == nil, required {' 'if let kind, kind.text.isEmpty {'
check member-control Admission/MemberReader.swift \
  'guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else' 'guard true else'
check entry-twice Admission/Admission.swift 'case _ where exports.count > 1:' 'case _ where exports.count > 9:'
check entry-code Admission/Admission.swift 'where !entry.isInCode:' 'where false:'

# Descriptor and confirmation.
suites='HostileDescriptorTests|HostileCapabilityTests|HostileGrowthTests'
check struct-size PluginABI/DescriptorReader.swift 'guard size >= MemoryLayout<Struct>.size, size <= 1 << 16 else' \
  'guard size <= 1 << 16 else'
check struct-size-greatest PluginABI/DescriptorReader.swift 'guard size >= MemoryLayout<Struct>.size, size <= 1 << 16 else' \
  'guard size >= MemoryLayout<Struct>.size else'
check struct-alignment PluginABI/DescriptorReader.swift \
  'guard address % UInt(MemoryLayout<Struct>.alignment) == 0,' 'guard address != 0,'
check list-alignment PluginABI/DescriptorReader.swift 'list % UInt(MemoryLayout<UInt>.alignment) == 0, ' ''
check capability-count PluginABI/DescriptorReader.swift \
  'guard unsafe raw.capability_count > 0, unsafe raw.capability_count <= capabilityLimit else' \
  'guard unsafe raw.capability_count > 0 else'
check hole-emit PluginABI/DescriptorReader.swift 'try require(unsafe table.emit != nil, "\(field).emit")' ''
check text-utf8 PluginABI/DescriptorReader.swift 'guard let text = String(validating: bytes, as: UTF8.self) else' \
  'let text = String(decoding: bytes, as: UTF8.self); guard true else'
check two-pointers PluginABI/PluginModule.swift 'return first == second ? first : nil' 'return first == second || first > 1 ? first : nil'
check capability-flags Admission/Confirmation.swift 'let relevant = CapabilityFlags.known | 0xffff_0000' \
  'let relevant = CapabilityFlags.known'
check capability-twice Admission/Confirmation.swift 'guard seen.insert(fact.name).inserted else' \
  'seen.insert(fact.name); guard true else'
exit $survivors
