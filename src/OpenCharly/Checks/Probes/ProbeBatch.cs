using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Checks.Probes;

/// <summary>One probe of a batch.</summary>
/// <param name="Number">Number that is unique in the run.</param>
/// <param name="Probe">The probe.</param>
/// <param name="IsParallel">Whether it runs at the same time as its parallel neighbours.</param>
internal sealed record NumberedProbe(int Number, Probe Probe, bool IsParallel = false);

/// <summary>
/// Many probes as one script, and their reports out of its output. Reports are lines that begin with a random word,
/// with a kind and the number of the probe: <c>b</c> begin, <c>v</c> value, <c>t</c> text in base64, <c>e</c> end.
/// </summary>
/// <param name="probes">The probes, in order.</param>
/// <param name="folder">Folder on the machine for this run, below <c>/tmp</c>.</param>
internal sealed class ProbeBatch(IReadOnlyList<NumberedProbe> probes, string folder)
{
    private const string PackageReport = "packages";

    // Text comes as one line; only what is large goes through base64, since every program costs more than the probe.
    private const string Prologue = """
        set +e
        umask 077
        mkdir -p -- "$d" || exit 1
        c_time() { if [ -n "$EPOCHREALTIME" ]; then t=$EPOCHREALTIME; else t=$(date +%s.%N); fi; }
        c_begin() { c_time; builtin printf '%s b %s %s\n' "$N" "$n" "$t"; }
        c_end() { c_time; builtin printf '%s e %s %s\n' "$N" "$n" "$t"; }
        c_value() {
          local b='\' x=$2
          x=${x//"$b"/"$b$b"}
          x=${x//$'\n'/"${b}n"}
          builtin printf '%s v %s %s %s\n' "$N" "$n" "$1" "${x//$'\r'/"${b}r"}"
        }
        c_text() {
          local LC_ALL=C x=
          [ -s "$2" ] || return 0
          IFS= read -r -d '' -n 65536 x <"$2"
          if [ ${#x} -lt 65536 ]; then c_value "$1" "$x"; return; fi
          builtin printf '%s t %s %s %s\n' "$N" "$n" "$1" "$(head -c 4194304 <"$2" | base64 | tr -d '\n')"
        }
        c_limit() {
          if command -v timeout >/dev/null 2>&1; then timeout -k 2 "$@"; else shift; "$@"; fi
        }
        """;

    private readonly string _nonce = RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>A new folder for a run.</summary>
    public static string NewFolder() => "/tmp/charly-check-" + RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>A script that ends what runs in the background and deletes the folder.</summary>
    public static string Clean(string folder) => $$"""
        d={{Shell.Quote(folder)}}
        for f in "$d"/*.pid; do
          [ -f "$f" ] || continue
          p=$(cat "$f")
          [ -z "$p" ] || kill -KILL -- "-$p" 2>/dev/null
        done
        rm -rf -- "$d"
        """;

    /// <summary>The script.</summary>
    /// <param name="format">Package format of the machine; null if it has none.</param>
    /// <param name="keepsFolder">Whether something in the folder is still needed afterwards.</param>
    public string Render(string? format, bool keepsFolder)
    {
        var script = new StringBuilder($"N={_nonce}\nd={Shell.Quote(folder)}\n");
        if (!keepsFolder) script.Append("trap 'rm -rf -- \"$d\"' EXIT\n");
        script.Append(Prologue).Append('\n');
        foreach (var function in probes.SelectMany(p => p.Probe.Functions).Distinct()) script.Append(function).Append('\n');
        var packages = probes.Select(p => p.Probe.Package).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        if (packages.Length > 0 && format is not null)
        {
            script.Append($"n=0; c_value {PackageReport} \"$({PackageProbe.Query(format, packages)} 2>/dev/null)\"\n");
        }

        for (var at = 0; at < probes.Count;)
        {
            var group = probes.Skip(at).TakeWhile(p => p.IsParallel).ToArray();
            if (group.Length < 2)
            {
                script.Append(One(probes[at])).Append('\n');
                at++;
                continue;
            }

            // Only for these: a check in the background may outlive the script.
            script.Append("w=\n");
            foreach (var probe in group) script.Append($"( {One(probe)}\n) >\"$d/{probe.Number}.report\" &\nw=\"$w $!\"\n");
            script.Append("wait $w\n");
            foreach (var probe in group) script.Append($"cat \"$d/{probe.Number}.report\"\n");
            at += group.Length;
        }

        return script.ToString();
    }

    /// <summary>The reports by number; a probe that did not report at all has none.</summary>
    public IReadOnlyDictionary<int, ProbeOutput> Parse(string output)
    {
        var reports = new Dictionary<int, ProbeOutput>();
        var begun = new Dictionary<int, decimal>();
        foreach (var line in output.Split('\n'))
        {
            var words = line.Split(' ', 5);
            if (words.Length < 4 || words[0] != _nonce || !int.TryParse(words[2], out var number)) continue;
            if (!reports.TryGetValue(number, out var report)) reports[number] = report = new ProbeOutput();
            switch (words[1])
            {
                case "b":
                    begun[number] = Seconds(words[3]);
                    break;
                case "e":
                    report.HasEnded = true;
                    report.Duration = TimeSpan.FromSeconds((double)Math.Max(0, Seconds(words[3]) - begun.GetValueOrDefault(number)));
                    break;
                case "v":
                    report.Set(words[3], Unescape(words.ElementAtOrDefault(4) ?? ""));
                    break;
                case "t":
                    report.SetBase64(words[3], words.ElementAtOrDefault(4) ?? "");
                    break;
            }
        }

        var packages = reports.GetValueOrDefault(0)?[PackageReport] is { } list ? PackageProbe.Parse(list) : null;
        foreach (var report in reports.Values) report.Packages = packages;
        return reports;
    }

    private static string One(NumberedProbe probe) => $"n={probe.Number}; c_begin\n{probe.Probe.Script}\nc_end";

    // Some locales write the fraction behind a comma.
    private static decimal Seconds(string time) =>
        decimal.TryParse(time.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;

    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length) plain.Append(text[i]);
            else plain.Append(text[++i] switch { 'n' => '\n', 'r' => '\r', var other => other });
        }

        return plain.ToString();
    }
}
