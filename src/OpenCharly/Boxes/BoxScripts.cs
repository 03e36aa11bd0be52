using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Boxes;

/// <summary>
/// The scripts that a build runs. They are those that a live target runs (<see cref="StepScripts"/>), with what a live run
/// provides put in front: a staging folder, and a memory that forgets, since an image is never undone.
/// </summary>
internal static class BoxScripts
{
    /// <summary>Where a candy's files are seen while a step runs.</summary>
    public const string Context = "/ctx";

    /// <summary>Where downloads are kept from build to build.</summary>
    public const string Downloads = "/tmp/downloads";

    private const string Begin =
        """
        set -e
        umask 022
        CHARLY_STAGE=$(mktemp -d)
        export CHARLY_STAGE
        trap 'rm -rf -- "$CHARLY_STAGE"' EXIT
        charly_keep() { :; }
        """;

    // A download that is complete has its name; one that was cut has not.
    private const string CachedFetch =
        """
        charly_fetch() { # URL FILE
          local kept=/tmp/downloads/$(printf %s "$1" | sha256sum | cut -d ' ' -f 1)
          if [[ ! -e $kept ]]; then
            if command -v curl >/dev/null; then curl -fL --retry 3 -sS -o "$kept.part" -- "$1"
            elif [[ -x /usr/lib/apt/apt-helper ]]; then /usr/lib/apt/apt-helper -q download-file "$1" "$kept.part"
            elif command -v wget >/dev/null; then wget -nv -t 3 -O "$kept.part" -- "$1"
            else echo "charly: curl is missing in this image; add it to the packages of the candy" >&2; return 127; fi
            mv -fT -- "$kept.part" "$kept"
          fi
          cp -- "$kept" "$2"
        }
        """;

    /// <summary>A script of steps as they are rendered for live targets, each in a shell of its own.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="plan">Their plan.</param>
    /// <param name="before">What runs first; empty if nothing.</param>
    public static string OfSteps(IReadOnlyList<InstallStep> steps, InstallPlan plan, string before = "")
    {
        var text = new StringBuilder(Begin).Append('\n');
        if (steps.Any(s => s is OpStep { Verb: "copy" })) text.Append(CultureFree($"ln -s {Context} \"$CHARLY_STAGE\"/{Shell.Quote(steps[0].Candy)}\n# {DigestOf(steps)}\n"));
        if (before.Length > 0) text.Append(before).Append('\n');
        foreach (var step in steps)
        {
            // Only downloads have the cache at hand; a key of a repository is fetched as ever.
            var body = StepScripts.Render(step, plan).Body;
            if (step is OpStep { Verb: "download" }) body = body.Replace(BashFunctions.Fetch, CachedFetch, StringComparison.Ordinal);
            text.Append("(\n").Append(body).Append("\n)\n");
        }

        return text.ToString();
    }

    /// <summary>The body of a <c>cmd</c> task with what it is promised: exports, a home, the folder that it begins in.</summary>
    public static string OfCommand(OpStep step, InstallPlan plan)
    {
        var text = new ScriptText();
        text.Add("set -e\numask 022");
        if (step.Files.Count > 0) text.Add("# " + DigestOf([step]));
        OpScripts.Export(text, step.Variables);
        if (OpScripts.IsOther(step, plan))
        {
            text.Add($"HOME=$(getent passwd {Shell.Quote(step.ResolvedUser.Split(':')[0])} | cut -d : -f 6)\nexport HOME=${{HOME:-/}}\ncd -- \"$HOME\" 2>/dev/null || cd /");
        }
        else
        {
            text.Add($"export HOME={Shell.Quote(step.ResolvedUser == "root" ? "/root" : plan.Home)}").Add($"cd -- {Shell.Quote(plan.Home)}");
        }

        text.Add(step.Value.TrimEnd('\n'));
        return text.Body + "\n";
    }

    /// <summary>The digest of the files that steps see. It stands in the script, so that other files are another instruction to caches that know nothing else.</summary>
    public static string DigestOf(IEnumerable<InstallStep> steps)
    {
        var all = string.Concat(steps.SelectMany(FilesOf).Select(f => $"{f.Path}\0{f.Sha256}\0{f.Mode}\0"));
        return "files " + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
    }

    private static IReadOnlyList<CandyFile> FilesOf(InstallStep step) => step switch
    {
        OpStep op => op.Files,
        BuilderStep builder => builder.Files,
        _ => [],
    };

    private static string CultureFree(FormattableString text) => FormattableString.Invariant(text);
}
