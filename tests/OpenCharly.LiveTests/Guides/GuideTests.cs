using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Guides;

/// <summary>The guides say what happens: each of their commands is run, and prints what the guide shows.</summary>
/// <remarks>tools/guides writes into them what was printed instead of comparing.</remarks>
public sealed class GuideTests : IDisposable
{
    private static readonly string Root = FindRoot();

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-guide-").FullName;
    private readonly ProcessRunner _programs = new(CharlyEnvironment.FromProcess());

    public GuideTests() => File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LiveTheory("root", "sshd", "unshare", "ip", "setpriv", "pwsh", "systemd-analyze")]
    [InlineData("exploring-a-plan")]
    [InlineData("keeping-hosts-the-same")]
    [InlineData("nightly-drift")]
    public async Task A_guide_prints_what_it_shows(string name)
    {
        var path = Path.Combine(Root, "docs/guides", name + ".md");
        var parts = Guide.Parse(await File.ReadAllTextAsync(path));
        var printed = await RunAsync(parts);
        var wanted = Environment.GetEnvironmentVariable("CHARLY_UPDATE_GUIDES") ?? "";
        if (wanted == "all" || wanted.Split(' ').Contains(name))
        {
            await File.WriteAllTextAsync(path, Guide.Render(parts, c => printed[c]));
            return;
        }

        foreach (var command in parts.SelectMany(p => p.Commands))
        {
            var (shown, real) = (Guide.Masked(command.Output), Guide.Masked(printed[command]));
            Assert.True(shown == real, $"{name}: {string.Join("\n", command.Lines)}\nthe guide shows:\n{command.Output}\nprinted was:\n{printed[command]}\n(tools/guides {name} writes it anew)");
        }
    }

    [Fact]
    public void A_guide_that_is_read_and_written_is_the_same()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Root, "docs/guides"), "*.md"))
        {
            var text = File.ReadAllText(file);
            Assert.Equal(text, Guide.Render(Guide.Parse(text), c => c.Output));
        }
    }

    // One script for the whole guide, so that what one command leaves is there for the next. PowerShell keeps its
    // variables from block to block, until something else is run in between.
    private async Task<Dictionary<GuideCommand, string>> RunAsync(IReadOnlyList<GuidePart> parts)
    {
        // The command is built once, by whoever may write here.
        var built = await _programs.RunAsync(new ProcessRequest(Path.Combine(Root, "charly"), "--version"));
        Assert.True(built.Succeeded, built.Tail(10));
        var outputs = new Dictionary<GuideCommand, string>(ReferenceEqualityComparer.Instance);
        var script = new StringBuilder($"mkdir ~/fleet && cp -r {Shell.Quote(Root)}/docs/guides/fleet/. ~/fleet && cd ~/fleet || exit 1\n");
        var session = new List<GuideCommand>();
        foreach (var part in parts)
        {
            if (!part.IsPowerShell && part.Fence.Length > 0) EndSession(script, session, outputs);
            if (part.IsPowerShell) session.AddRange(part.Commands);
            if (part.File is { } file) script.Append($"mkdir -p \"$(dirname {Target(file)})\" && cp {Shell.Quote(Write(part.Text))} {Target(file)}\n");
            foreach (var command in part.IsConsole ? part.Commands : [])
            {
                outputs[command] = NewFile();
                script.Append($"bash {Shell.Quote(Write(string.Join('\n', command.Lines) + "\n"))} >{Shell.Quote(outputs[command])} 2>&1 </dev/null\n");
            }
        }

        EndSession(script, session, outputs);
        script.Append(":\n");
        var request = new ProcessRequest(Path.Combine(Root, "tools/fleet"), "--hosts", "3", "bash", Write(script.ToString()));
        var run = await _programs.RunAsync(request with { Timeout = TimeSpan.FromMinutes(5) });
        Assert.True(run.Succeeded, run.Tail(20));
        return outputs.ToDictionary(o => o.Key, o => File.Exists(o.Value) ? Lines(File.ReadAllText(o.Value)) : "", (IEqualityComparer<GuideCommand>)ReferenceEqualityComparer.Instance);
    }

    private void EndSession(StringBuilder script, List<GuideCommand> session, Dictionary<GuideCommand, string> outputs)
    {
        if (session.Count == 0) return;
        var text = new StringBuilder("$PSStyle.OutputRendering = 'PlainText'\n$ProgressPreference = 'SilentlyContinue'\n$InformationPreference = 'SilentlyContinue'\n");
        foreach (var command in session)
        {
            outputs[command] = NewFile();
            // A block without a file, so that errors look as they do at a prompt.
            text.Append($". ([scriptblock]::Create(@'\n{string.Join('\n', command.Lines)}\n'@)) *>&1 | Out-String -Width 100 | Set-Content -NoNewline '{outputs[command]}'\n");
        }

        session.Clear();
        var file = Write(text.ToString()) + ".ps1";
        File.Move(file[..^4], file);
        script.Append($"pwsh -NoProfile -NonInteractive -File {Shell.Quote(file)} </dev/null\n");
    }

    private static string Lines(string output)
    {
        var lines = output.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd()).ToList();
        while (lines.Count > 0 && lines[0].Length == 0) lines.RemoveAt(0);
        while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        return string.Join('\n', lines);
    }

    private static string Target(string file) => file.StartsWith("~/", StringComparison.Ordinal) ? "~/" + Shell.Quote(file[2..]) : Shell.Quote(file);

    private string NewFile() => Path.Combine(_folder, Guid.NewGuid().ToString("n"));

    private string Write(string text)
    {
        var file = NewFile();
        File.WriteAllText(file, text);
        return file;
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Charly.sln"))) folder = Path.GetDirectoryName(folder.TrimEnd('/'))!;
        return folder;
    }
}
