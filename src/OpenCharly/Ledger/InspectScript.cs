using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Ledger;

/// <summary>A closer look at paths and packages whose stamps do not match.</summary>
/// <param name="Stamps">Stamps by path; absent paths are missing.</param>
/// <param name="Digests">SHA-256 of files, or <c>-&gt; target</c> of links, by path.</param>
/// <param name="Packages">The packages of those asked for that are installed.</param>
internal sealed record Inspection(
    IReadOnlyDictionary<string, string> Stamps, IReadOnlyDictionary<string, string> Digests, IReadOnlySet<string> Packages)
{
    /// <summary>Managed blocks by file, markers included.</summary>
    public ILookup<string, string> Blocks { get; init; } = Array.Empty<string>().ToLookup(b => b);

    /// <summary>Digests as recorded when the stamps were.</summary>
    public IReadOnlyDictionary<string, string> RecordedDigests { get; init; } = new Dictionary<string, string>();
}

/// <summary>Renders and reads that look: content digests, modes and owners, the package database.</summary>
internal static class InspectScript
{
    /// <summary>
    /// Bash function <c>charly_digest PATH…</c>: prints a line <c>digest TAB path</c> for each regular file, and
    /// <c>-&gt; target TAB path</c> for each link.
    /// </summary>
    public const string DigestFunction = """
        charly_digest() {
          local p
          local -a files=()
          for p; do
            if [[ -L $p ]]; then printf -- '-> %s\t%s\n' "$(readlink -- "$p")" "$p"
            elif [[ -f $p ]]; then files+=("$p"); fi
          done
          if ((${#files[@]} > 2000)); then printf '%s\n' "${files[@]}" | xargs -d '\n' sha256sum --
          elif ((${#files[@]})); then sha256sum -- "${files[@]}"
          fi 2>/dev/null | {
            IFS= read -r -N 100000000 p || : # lines of a pipe would be read a byte at a time
            set -f
            IFS=$'\n'
            for p in $p; do printf '%s\t%s\n' "${p%% *}" "${p#*  }"; done
          }
        }

        """;

    /// <summary>
    /// Bash function <c>charly_blocks NONCE PATH…</c>: prints the managed blocks of regular files, each behind a line
    /// <c>NONCEblock TAB path</c>.
    /// </summary>
    public const string BlockFunction = """
        charly_blocks() {
          local n=$1 p
          local -a files=()
          shift
          for p; do [[ ! -f $p || ! -r $p ]] || files+=("$p"); done
          ((${#files[@]})) || return 0
          awk -v n="$n" 'FNR == 1 { on = 0 }
            /^[ \t]*# opencharly:begin/ { on = 1; printf "%sblock\t%s\n", n, FILENAME }
            on { print }
            /^[ \t]*# opencharly:end/ { on = 0 }' "${files[@]}"
        }

        """;

    /// <summary>Renders the script.</summary>
    /// <param name="nonce">Random word that marks section headers.</param>
    /// <param name="paths">Where the ledger is.</param>
    /// <param name="look">Paths to look at.</param>
    /// <param name="blocks">Those of them that hold managed blocks.</param>
    /// <param name="packages">Packages to look up, by format.</param>
    public static string Render(
        string nonce, GuestPaths paths, IReadOnlyCollection<string> look, IReadOnlyCollection<string> blocks, IReadOnlyDictionary<string, IReadOnlyList<string>> packages)
    {
        var script = new StringBuilder(DigestFunction).Append(BlockFunction);
        script.Append($"paths=({Shell.Join(look)})\n");
        script.Append($"echo {nonce}stamps\n((${{#paths[@]}} == 0)) || stat -c {Shell.Quote(Stamps.Format)} -- \"${{paths[@]}}\" 2>/dev/null\n");
        script.Append($"echo {nonce}digests\ncharly_digest \"${{paths[@]}}\"\n");
        script.Append($"echo {nonce}recorded\n[[ ! -f {Shell.Quote(paths.Traces)}/digests ]] || cat {Shell.Quote(paths.Traces)}/digests\n");
        script.Append($"echo {nonce}packages\n");
        foreach (var (format, names) in packages) script.Append(Query(format, names)).Append(" 2>/dev/null\n");
        if (blocks.Count > 0) script.Append($"charly_blocks {nonce} {Shell.Join(blocks)}\n");
        script.Append($"echo {nonce}end\n");
        return script.ToString();
    }

    /// <summary>Reads what the script printed.</summary>
    public static Inspection Parse(string output, string nonce)
    {
        var sections = new ProbeSections(output, nonce);
        if (!sections.IsWhole)
        {
            throw new CharlyException(Errors.RunTarget, "the look at the target's files was cut short", "Run the same command again.");
        }

        return new Inspection(
            Stamps.Read(sections.Text("stamps") ?? ""),
            ReadDigests(sections.Text("digests") ?? ""),
            (sections.Text("packages") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal))
        {
            RecordedDigests = ReadDigests(sections.Text("recorded") ?? ""),
            Blocks = sections.All("block").ToLookup(b => b.Argument, b => b.Text, StringComparer.Ordinal),
        };
    }

    /// <summary>Reads what <see cref="DigestFunction"/> printed.</summary>
    public static Dictionary<string, string> ReadDigests(string text)
    {
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Split('\t') is [var digest, var path]) digests[path] = digest;
        }

        return digests;
    }

    private static string Query(string format, IReadOnlyList<string> names) => format switch
    {
        "deb" => $"dpkg-query -W -f '${{db:Status-Status}} ${{Package}}\\n' -- {Shell.Join(names)} | sed -n 's/^installed //p'",
        "rpm" => $"rpm -q --qf '%{{NAME}}\\n' -- {Shell.Join(names)} | grep -v ' '",
        _ => $"pacman -Qq -- {Shell.Join(names)}",
    };
}
