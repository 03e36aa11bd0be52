using FsCheck;
using FsCheck.Fluent;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

/// <summary>
/// Whatever a candy holds, it stays data: each rendered script is run with programs that only record their arguments, and
/// every value must come out as (part of) one argument, or as the bytes of a file, exactly as it went in.
/// </summary>
public sealed class HostileValueTests : IDisposable
{
    private static readonly string[] Fragments =
    [
        "$(touch pwned)", "`touch pwned`", "; touch pwned;", "'", "\"", "\\", " ", "  ", "\t", "&& touch pwned", "| touch pwned", ">pwned", "<pwned",
        "$HOMEX", "${x:-y}", "$'\\n'", "*", "?", "[a-z]", "{a,b}", "~", "!", "#", "%s", "-rf", "--", "é", "𝄞", "EOF", ")", "(", "}", "{", "a", "Z", "0", "=", ":", "@", ",", "+",
    ];

    private readonly BashRun _bash = new();
    private readonly SampleCandies _candies = new();

    public HostileValueTests() => Directory.CreateDirectory(_bash["home"]);

    [Fact]
    public void Values_in_paths_contents_and_variables_reach_programs_unchanged() => Check(value =>
    {
        var plan = Compile(
            SampleCandies.Task("mkdir", $"/x/{value}"),
            SampleCandies.Task("write", $"~/{value}", "${USER}") with { Content = value + "\n" + value, Mode = "0755" },
            SampleCandies.Task("link", $"/l/{value}", "${USER}") with { To = value },
            SampleCandies.Task("setcap", $"/c/{value}") with { Capabilities = "c" + value },
            SampleCandies.Task("download", $"https://x.example.org/{value}?{value}", "${USER}") with { To = $"~/d/{value}", Extract = "none" },
            SampleCandies.Task("cmd", "printf '%s\\n' \"$HOSTILE\" >said", "${USER}") with { Environment = new Dictionary<string, string> { ["HOSTILE"] = value } });
        var calls = Run(plan);
        HasCall(calls, "install", "-d", "-m", "0755", "--", $"/x/{value}");
        HasCall(calls, "ln", "-sfT", "--", value, $"/l/{value}");
        HasCall(calls, "setcap", "c" + value, $"/c/{value}");
        HasCall(calls, "chmod", "--", "0755", _bash[$"home/{value}.charly-new"]);
        HasCall(calls, "mv", "-fT", "--", _bash[$"home/{value}.charly-new"], _bash[$"home/{value}"]);
        Assert.Contains(calls, c => c[0] == "curl" && c[^1] == $"https://x.example.org/{value}?{value}");
        Assert.Equal(value + "\n" + value, File.ReadAllText(_bash[$"home/{value}.charly-new"]));
        Assert.Equal(value + "\n", File.ReadAllText(_bash["home/said"]));
    });

    [Fact]
    public void Values_in_packages_and_repositories_reach_programs_unchanged() => Check(value =>
    {
        var name = "p" + value;
        foreach (var (format, distro) in new[] { ("deb", "debian:13"), ("rpm", "fedora:43"), ("pac", "arch") })
        {
            var plan = PlanCompiler.Compile(InSandbox(_candies.New("p") with
            {
                Sections =
                [
                    new PackageSection
                    {
                        Tag = format, Packages = [name], Exclude = [value], Coprs = [$"{name}/{name}"], Modules = [name], Keys = [name],
                        Options = format == "rpm" ? [] : ["--option=" + new string([.. value.Where(c => !char.IsWhiteSpace(c))])],
                        Repositories = format switch
                        {
                            "deb" => [new PackageRepository { Ppa = name }],
                            "rpm" => [new PackageRepository { ReleasePackage = $"https://x.example.org/{value}$(rpm -E %fedora)" }],
                            _ => [],
                        },
                    },
                ],
            }) with { Facts = Plan.Facts(distro, _bash["home"]) with { User = Environment.UserName } });
            var calls = Run(plan);
            Assert.Contains(calls, c => c[0] is "apt-get" or "dnf" or "pacman" && c[^1] == name);
            if (format == "rpm")
            {
                Assert.Contains(calls, c => c[0] == "dnf" && c.Contains($"--exclude={value}"));
                HasCall(calls, "dnf", "-y", "copr", "enable", $"{name}/{name}");

                // The macro is expanded by the stub of rpm, which prints nothing; the rest of the address is text.
                HasCall(calls, "dnf", "install", "-y", $"https://x.example.org/{value}");
            }
            else
            {
                var option = "--option=" + new string([.. value.Where(c => !char.IsWhiteSpace(c))]);
                Assert.Contains(calls, c => c.Contains(option));
            }

            if (format == "deb") HasCall(calls, "add-apt-repository", "-y", $"ppa:{name}");
            if (format == "pac") HasCall(calls, "pacman-key", "--recv-keys", name);
            Run(PackageScripts.Remove(format, [name]));
        }
    });

    [Fact]
    public void Values_in_units_environment_and_snippets_are_only_text() => Check(value =>
    {
        var plan = PlanCompiler.Compile(InSandbox(_candies.New("s") with
        {
            Environment = new Dictionary<string, string> { ["HOSTILE"] = value },
            PathEntries = [$"/opt/{value}"],
            Shell = new ShellBlock(null, new Dictionary<string, ShellLines> { ["bash"] = new ShellLines(value + "x", [$"/snippet/{value}"], null) }, 50),
            Services = [SampleCandies.Service("u") with { IsUser = true, Exec = "/bin/" + value + "x", Environment = new Dictionary<string, string> { ["A"] = value } }],
        }));
        Run(plan);
        var hook = plan.Steps.OfType<ShellHookStep>().Single();
        var read = _bash.Run($". {hook.EnvFile}.charly-new; printf '%s\\n' \"$HOSTILE\" \"$PATH\"");
        var expected = HomeToken.Expand(value, _bash["home"]);
        Assert.StartsWith($"{expected}\n/opt/{value}:", read.Output, StringComparison.Ordinal);
        var unit = plan.Steps.OfType<ServiceCustomStep>().Single();
        Assert.Equal(unit.UnitText, File.ReadAllText(unit.UnitPath + ".charly-new"));
        var snippet = plan.Steps.OfType<ShellSnippetStep>().Single();
        Assert.Contains($"\n{snippet.Snippet}\n", File.ReadAllText(snippet.Destination + ".charly-new"), StringComparison.Ordinal);
        Assert.Contains("/snippet/", snippet.Snippet, StringComparison.Ordinal);
    });

    public void Dispose()
    {
        _bash.Dispose();
        _candies.Dispose();
    }

    private static void HasCall(IReadOnlyList<IReadOnlyList<string>> calls, params string[] argv) =>
        Assert.True(calls.Any(c => c.SequenceEqual(argv)), $"no call is [{string.Join("] [", argv)}]; there are\n{string.Join('\n', calls.Select(c => $"[{string.Join("] [", c)}]"))}");

    private static void Check(Action<string> property)
    {
        var values = Gen.Elements(Fragments).ListOf(5).Select(string.Concat).Where(v => v is not ("." or ".." or ""));
        Prop.ForAll(values.ToArbitrary(), value =>
        {
            property(value);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    private PlanRequest InSandbox(Candy candy)
    {
        foreach (var folder in new[] { "home/d", "home/.config/opencharly/env.d", "home/.config/systemd/user" }) Directory.CreateDirectory(_bash[folder]);
        File.Delete(_bash.Log);
        File.Delete(_bash["home/said"]);
        File.Delete(Path.Combine(_bash.Stage, ".index-fresh"));
        return Plan.InSandbox(_bash, candy) with { TargetKind = "local", Target = "host", Host = "local" };
    }

    private InstallPlan Compile(params CandyTask[] tasks) => PlanCompiler.Compile(InSandbox(_candies.New("t") with { Tasks = tasks }));

    private IReadOnlyList<IReadOnlyList<string>> Run(InstallPlan plan)
    {
        foreach (var step in plan.Steps) Run(StepScripts.Render(step, plan).Body);
        return _bash.Calls();
    }

    private void Run(string body)
    {
        // The user's service manager is not asked here; everything else runs as rendered.
        body = body.Replace("until [[ -S ", "until [[ ! -S ", StringComparison.Ordinal);
        Assert.Equal(0, BashRun.Parse(body).ExitCode);
        var result = _bash.RunStubbed($"cd {_bash.Root}\n{body}");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Empty(Directory.GetFiles(_bash.Root, "pwned", SearchOption.AllDirectories));
        Assert.False(File.Exists("pwned"));
    }
}
