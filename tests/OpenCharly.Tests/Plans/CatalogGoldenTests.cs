using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Plans;

/// <summary>
/// What real candies compile to on every family of systems, step by step: kind, scope, gate, undo and digest, which
/// covers every field. The candies themselves are not part of this repository, so the files hold nothing of their text.
/// </summary>
public sealed class CatalogGoldenTests
{
    // Those that between them exercise most of what a candy can say.
    private static readonly string[] Names =
    [
        "android-apidemos", "android-emulator-layer", "android-sdk", "charly", "chrome", "chrome-cdp", "codex", "container-nesting", "cuda", "desktop-fonts",
        "direnv", "eval-stack-layer", "gh", "github-runner", "immich", "k3s-server", "marimo", "nodejs", "openclaw",
        "pipewire", "postgresql", "qemu-guest-agent", "ripgrep", "selkies", "sshd", "sway", "tmux", "uv", "valkey", "virtualization", "whisper",
    ];

    [Theory]
    [MemberData(nameof(GoldenPlanTests.Chains), MemberType = typeof(GoldenPlanTests))]
    public void Plans_of_real_candies_are_as_reviewed(string distro)
    {
        if (Catalog.IsAbsent()) return;
        var text = new StringBuilder();
        foreach (var name in Names) Append(text, name, distro);
        Golden.Check($"catalog.{distro.Replace(':', '-')}.txt", text.ToString());
    }

    private static void Append(StringBuilder text, string name, string distro)
    {
        var problems = new List<Problem>();
        var manifest = Catalog.Manifests.Single(m => Path.GetFileName(Path.GetDirectoryName(m)) == name);
        var candy = CandyReader.ReadFile(manifest, new CandyOrigin(Catalog.Folder!), problems)!;
        Assert.DoesNotContain(problems, p => !p.IsWarning);
        var request = Plan.Request(distro, candy);
        text.Append($"== {name}\n");
        InstallPlan plan;
        try
        {
            plan = PlanCompiler.Compile(request with { ProcessEnvironment = candy.EnvRequire.ToDictionary(r => r.Name, _ => "value") });
        }
        catch (CharlyException e)
        {
            text.Append($"refused {e.Code.Id}\n");
            return;
        }

        foreach (var step in plan.Steps) text.Append(Describe(step)).Append('\n');
        foreach (var group in plan.Skips.GroupBy(s => s.Reason)) text.Append($"left out {StepNames.Of(group.Key)} {group.Count()}\n");
        if (plan.Secrets.Count > 0) text.Append($"secrets {plan.Secrets.Count(s => s.IsRequired)} required {plan.Secrets.Count(s => !s.IsRequired)} accepted\n");
        foreach (var artifact in plan.Artifacts) text.Append($"artifact mode {artifact.Mode} wait {artifact.WaitSeconds} rewrites {artifact.Rewrites.Count}\n");
    }

    private static string Describe(InstallStep step)
    {
        var words = new List<string> { step.Kind.ToString(), StepNames.Of(step.Scope) };
        words.Add(step switch
        {
            OpStep op => op.Verb + (op.Extract is { } extract ? ":" + extract : "") + (op.Files.Count > 0 ? $" files {op.Files.Count}" : ""),
            BuilderStep builder => builder.Builder,
            SystemPackagesStep packages => $"{StepNames.Of(packages.PackagePhase)} {packages.Format} packages {packages.Packages.Count} repos {packages.Repositories.Count}",
            ShellHookStep hook => $"variables {hook.Variables.Count} paths {hook.PathEntries.Count}",
            ShellSnippetStep snippet => snippet.Shell,
            ServiceCustomStep { Enable: true } or ServicePackagedStep { Enable: true } => "enabled",
            _ => "",
        });
        if (step.Gate != StepGate.None) words.Add("gate " + StepNames.Of(step.Gate));
        if (step.Skip is { } skip) words.Add("skip " + StepNames.Of(skip));
        if (step.Reverse.Count > 0) words.Add("undo " + string.Join(',', step.Reverse.Select(r => $"{r.Kind}*{r.Targets.Count}")));
        words.Add(step.Digest[..12]);
        return string.Join(' ', words.Where(w => w.Length > 0));
    }
}
