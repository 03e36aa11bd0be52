using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>
/// A block of lines between two marker lines in a file that belongs to someone else (candy-and-plan.md §6.5). The file
/// is edited on the target, by bash that needs no other program but to copy attributes and rename.
/// </summary>
/// <remarks>
/// Markers match whole lines, trimmed. A block that is there is replaced where it stands, a new one is appended after
/// one blank line. A marker without its partner is an error that leaves the file alone. The file keeps its mode, owner
/// and attributes; a symbolic link stays one. The block of the predecessor (<c>overthink</c>) goes.
/// </remarks>
/// <param name="Begin">The line before the block.</param>
/// <param name="End">The line after it.</param>
public sealed record ManagedBlock(string Begin, string End)
{
    private const string Note = "(managed by charly; do not edit inside this block)";

    /// <summary>The block that reads the env.d files, one a start-up file.</summary>
    public static ManagedBlock Global { get; } = new($"# opencharly:begin {Note}", "# opencharly:end");

    /// <summary>The block of one candy or, in <c>/etc/pacman.conf</c>, of one repository.</summary>
    /// <param name="marker">Name of the candy or repository, without blanks.</param>
    public static ManagedBlock Of(string marker) => new($"# opencharly:begin {marker} {Note}", $"# opencharly:end {marker}");

    /// <summary>A script that writes the block into a file, which is made with its folder if it is not there.</summary>
    /// <param name="path">Absolute path on the target.</param>
    /// <param name="text">The lines; final line breaks don't count.</param>
    public string RenderWrite(string path, string text) => Functions + "\n" + RenderWriteCall(path, text);

    /// <summary>A script that strips the block, and the blank line before it, from a file. No file, no block: nothing to do.</summary>
    /// <param name="path">Absolute path on the target.</param>
    /// <param name="deleteIfEmpty">Delete the file if nothing else is left in it: for one that the block made.</param>
    public string RenderRemove(string path, bool deleteIfEmpty = false) =>
        Functions + "\n" + Shell.Join(["charly_block", path, Begin, End, deleteIfEmpty ? "purge" : "remove"]);

    internal string RenderWriteCall(string path, string text) =>
        Shell.Join(["charly_block", path, Begin, End, "write", text.TrimEnd('\n', '\r')]);

    /// <summary>The bash function behind both.</summary>
    internal const string Functions =
        """
        charly_block() { # FILE BEGIN END write|remove|purge [TEXT]
          local file=$1 begin=$2 end=$3 verb=$4 text=${5-} line bare inside= found= before after
          local -a lines=() out=()
          [[ ! -L $file ]] || file=$(readlink -f -- "$file")
          if [[ -e $file ]]; then mapfile -t lines <"$file"; elif [[ $verb != write ]]; then return 0; fi
          for line in "${lines[@]}"; do
            bare=${line#"${line%%[![:space:]]*}"}
            bare=${bare%"${bare##*[![:space:]]}"}
            case $bare in
              "$begin")
                if [[ -n $inside ]]; then inside=broken; break; fi
                inside=block
                if [[ $verb = write && -z $found ]]; then out+=("$begin" "$text" "$end"); found=1
                elif [[ ${#out[@]} -gt 0 && -z ${out[-1]} ]]; then unset 'out[-1]'; fi ;;
              "$end")
                if [[ $inside != block ]]; then inside=broken; break; fi
                inside= ;;
              '# overthink:begin'|'# overthink:begin '*)
                if [[ -n $inside ]]; then inside=broken; break; fi
                inside=legacy
                if [[ ${#out[@]} -gt 0 && -z ${out[-1]} ]]; then unset 'out[-1]'; fi ;;
              '# overthink:end'|'# overthink:end '*)
                if [[ $inside != legacy ]]; then inside=broken; break; fi
                inside= ;;
              *) if [[ -z $inside ]]; then out+=("$line"); fi ;;
            esac
          done
          if [[ -n $inside ]]; then
            printf 'charly: %s: a line "%s" or "%s" has no partner; the file was left alone\n' "$file" "$begin" "$end" >&2
            return 1
          fi
          if [[ $verb = write && -z $found ]]; then
            if [[ ${#out[@]} -gt 0 ]]; then out+=(''); fi
            out+=("$begin" "$text" "$end")
          fi
          printf -v before '%s\n' "${lines[@]}"
          printf -v after '%s\n' "${out[@]}"
          if [[ -e $file && $before = "$after" ]]; then return 0; fi
          if [[ ${#out[@]} -eq 0 ]]; then after=; fi
          if [[ $verb = purge && ${#out[@]} -eq 0 ]]; then rm -f -- "$file"; return 0; fi
          if [[ -e $file ]]; then
            cp --attributes-only --preserve=all -T -- "$file" "$file.charly-new"
          else
            [[ -d ${file%/*}/ ]] || install -d -m 0755 -- "${file%/*}"
            rm -f -- "$file.charly-new"
          fi
          printf %s "$after" >"$file.charly-new"
          mv -fT -- "$file.charly-new" "$file"
        }
        """;
}
