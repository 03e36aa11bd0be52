using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Plans;

/// <summary>
/// Hostile values in every field that reaches a shell, from the candy's file to the script: each is refused with a place, or
/// is data in a script that parses and runs none of it. Thousands of scripts run in one restricted bash that can start no
/// program and open no file; what they carry would send that bash a signal.
/// </summary>
public sealed class InjectionPropertyTests : IDisposable
{
    private const int Cases = 12_000;
    private const string Strike = "kill -USR1 $$";

    private static readonly string[] Fragments =
    [
        $"$({Strike})", $"`{Strike}`", $"; {Strike}; ", $"';{Strike};'", $"\";{Strike};\"", $"\\\";{Strike};\\\"", $"\n{Strike}\n", $"\r\n{Strike}\n", $"|{Strike}|", $"&{Strike}&",
        $"}}; {Strike}; {{", $"); {Strike}; (", $"\nEOF\n{Strike}\n", $"\nCHARLY_ROOT\n{Strike}\n", $"$'\\n'{Strike}", $"${{x:-$({Strike})}}", $"$(({Strike}))", $"<({Strike})", $"a[$({Strike})]",
        "'", "\"", "\\", "\\'", "$", "${HOME}", "$HOME", "${ARCH}", "~", "{{.Home}}", "%s", "*", "#", "!", " ", "\t", "\u2028", "é", "😀", "a", "x-1", "1.0", "/", "..", "=", ":", "-", "@", ",", "+", "=ep",
    ];

    private static readonly string[] Templates =
    [
        "name: {0}", "package: [{0}]", "distro: {debian: {package: [{0}]}}", "distro: {debian: {package: [x], option: [{0}]}}", "distro: {fedora: {package: [x], option: [{0}]}}",
        "distro: {debian: {package: [x], repo: [{name: {0}, url: \"https://r.example.org\"}]}}", "distro: {debian: {package: [x], repo: [{name: r, url: {0}}]}}",
        "distro: {debian: {package: [x], repo: [{name: r, url: \"https://r.example.org\", key: {0}}]}}", "distro: {debian: {package: [x], repo: [{name: r, url: \"https://r.example.org\", suite: {0}, components: {0}}]}}",
        "distro: {debian: {package: [x], repo: [{name: r, url: \"https://r.example.org\", key: \"https://r.example.org/k\", signed_by: /{0}}]}}", "distro: {ubuntu: {package: [x], repo: [{ppa: {0}}]}}",
        "distro: {fedora: {package: [x], repo: [{name: r, url: {0}, gpgkey: {0}}]}}", "distro: {fedora: {package: [x], repo: [{rpm: {0}}]}}", "distro: {fedora: {package: [x], repo: [{rpm: \"https://r.example.org/$(rpm -E %fedora)/\" }], exclude: [{0}], copr: [{0}], module: [{0}]}}",
        "distro: {arch: {package: [x], repo: [{name: r, server: {0}, siglevel: {0}, key: {0}}], keys: [{0}]}}", "env: {A: {0}}", "env: {{0}: a}", "path_append: [/{0}]", "path_append: [\"~/x\", {0}]", "var: {A: {0}}\ntask: [{cmd: \":\"}, {mkdir: \"/x/${A}\"}]",
        "task: [{mkdir: /{0}}]", "task: [{mkdir: ~/{0}, user: \"${USER}\"}]", "task: [{mkdir: /x, mode: {0}}]", "task: [{mkdir: /x, user: {0}}]", "task: [{write: /{0}, content: x}]", "task: [{write: /x, content: {0}}]",
        "task: [{write: ~/x, content: {0}, user: \"${USER}\", mode: \"0600\"}]", "task: [{link: /{0}, target: /y}]", "task: [{link: /x, target: {0}}]", "task: [{setcap: /{0}, caps: cap_net_raw=ep}]", "task: [{setcap: /x, caps: {0}}]",
        "task: [{download: \"https://d.example.org/{1}\", to: /x}]", "task: [{download: \"https://d.example.org/x\", to: /{0}}]", "task: [{download: \"https://d.example.org/x.tar.gz\", to: /x, include: [{0}], uninstall: [/{0}]}]",
        "task: [{download: \"https://d.example.org/x.zip\", to: /x, include: [{0}], strip_components: 1}]", "task: [{download: \"https://d.example.org/x.sh\", env: {A: {0}}}]", "task: [{cmd: \":\", env: {A: {0}}}]", "task: [{cmd: \":\", env: {{0}: a}}]",
        "task: [{copy: {0}, to: /x}]", "task: [{copy: plain, to: /{0}}]", "task: [{cmd: \":\", comment: {0}, id: {0}, description: {0}}]", "service: [{name: {0}, exec: /bin/x, enable: true}]", "service: [{name: s, exec: {0}, enable: true}]",
        "service: [{name: s, exec: /bin/x, scope: user, env: {A: {0}}, working_directory: {0}, user: {0}}]", "service: [{name: s, exec: /bin/x, after: [{0}], wanted_by: [{0}]}]", "service: [{name: s, exec: /bin/x, stdout: \"file:/{1}\", stop_signal: {0}}]",
        "package: [x]\nservice: [{name: s, use_packaged: {0}, enable: true}]", "package: [x]\nservice: [{name: s, use_packaged: s, overrides: {env: {A: {0}}, exec: {0}}}]", "shell: {init: {0}}", "shell: {init: x, path: /{0}}", "shell: {init: x, path_append: [/{0}]}",
        "shell: {fish: {init: {0}, path_append: [\"/x\"]}, bash: {path_append: [/{0}]}}", "localpkg: {deb: {0}}", "version: {0}\npackage: [x]", "description: {feature: {0}}\npackage: [x]", "secret_accept: [{name: {0}, description: d}]\ntask: [{cmd: \":\"}]",
    ];

    // As functions they cost no process each; whatever is not among them ends in the handler.
    private static readonly string[] Programs =
    [
        "apt-get", "add-apt-repository", "base64", "cat", "chmod", "chown", "cp", "curl", "dnf", "find", "grep", "install", "ln", "mkdir", "mktemp", "mv", "pacman", "pacman-key",
        "rm", "rpm", "sed", "setcap", "setpriv", "sudo", "systemctl", "tar", "unzip", "uname", "charly_new_file", "charly_place_file", "charly_unit", "charly_user_manager",
        "charly_folder", "charly_keep", "charly_stale", "charly_block", "charly_apt_update", "charly_machine", "charly_place", "charly_fetch",
    ];

    private readonly BashRun _bash = new();

    public InjectionPropertyTests() => File.WriteAllText(_bash["plain"], "x\n");

    public void Dispose() => _bash.Dispose();

    [Fact]
    public void A_value_that_is_run_would_be_noticed()
    {
        Assert.Empty(Struck([$"echo {Shell.Quote($"$({Strike})")}"]));
        Assert.Equal([0, 2], Struck([$"echo $({Strike})", "echo fine", $"missing_program \"`{Strike}`\" >/etc/nothing", "echo fine"]));
    }

    [Fact]
    public void Nothing_that_a_candy_holds_is_run_by_mistake()
    {
        var (refused, accepted) = (0, 0);
        var scripts = new List<string>();
        var parsed = new StringBuilder();
        var values = Gen.Elements(Fragments).ListOf(3).Select(string.Concat);
        Prop.ForAll(Gen.Zip(Gen.Elements(Templates), values).ToArbitrary(), pair =>
        {
            var (template, value) = pair;
            if (Read(template, value) is not { } candy)
            {
                refused++;
                return true;
            }

            accepted++;
            foreach (var plan in Compile(candy))
            {
                foreach (var step in plan.Steps)
                {
                    parsed.Append("(\n").Append(StepScripts.Render(step, plan).Body).Append("\n)\n");
                    scripts.Add(string.Join('\n', StepScripts.Commands(step, plan)));
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
        Assert.True(accepted > Cases / 10 && refused > Cases / 10, $"{accepted} accepted, {refused} refused");
        var syntax = BashRun.Parse(parsed.ToString());
        Assert.True(syntax.ExitCode == 0, syntax.Error);
        scripts = [.. scripts.Distinct()];
        var struck = Struck(scripts);
        Assert.True(struck.Count == 0, struck.Count == 0 ? "" : $"{struck.Count} scripts ran what they should carry, the first:\n{scripts[struck[0]]}");
    }

    private Candy? Read(string template, string value)
    {
        // Inside of quotes only what the quotes can hold; elsewhere one quoted word.
        var quoted = YamlText.Quote(value);
        var slashed = YamlText.Quote("/" + value);
        var home = YamlText.Quote("~/" + value);
        var body = template.Replace("/{0}", slashed, StringComparison.Ordinal).Replace("~" + slashed, home, StringComparison.Ordinal)
            .Replace("{1}", quoted[1..^1], StringComparison.Ordinal).Replace("{0}", quoted, StringComparison.Ordinal);
        if (!body.StartsWith("name:", StringComparison.Ordinal)) body = "name: demo\n" + body;
        var text = "candy:\n" + string.Concat(body.Split('\n').Select(l => $"  {l}\n"));
        var problems = new List<Problem>();
        Candy? candy = null;
        try
        {
            candy = CandyReader.ReadText(text, Path.Combine(_bash.Root, "charly.yml"), new CandyOrigin(_bash.Root) { DisplayName = "f.yml" }, problems);
        }
        catch (CharlyException e)
        {
            problems.AddRange(e.ToProblems());
        }

        Assert.All(problems, p => Assert.NotNull(p.Position));
        return problems.Any(p => !p.IsWarning) ? null : candy;
    }

    private static IEnumerable<InstallPlan> Compile(Candy candy)
    {
        foreach (var distro in candy.Sections.Count > 0 ? (string[])["debian:13", "ubuntu:24.04", "fedora:43", "arch"] : ["debian:13"])
        {
            InstallPlan? plan = null;
            try
            {
                plan = PlanCompiler.Compile(Plan.Request(distro, candy) with { SkipIncompatible = true, ProcessEnvironment = new Dictionary<string, string>() });
            }
            catch (CharlyException e)
            {
                Assert.NotNull(e.Position);
            }

            if (plan is not null) yield return plan;
        }
    }

    // The numbers of the scripts that sent the signal.
    private static List<int> Struck(IReadOnlyList<string> scripts)
    {
        var text = new StringBuilder("PATH=/nonexistent\ncommand_not_found_handle() { return 0; }\ntrap 'builtin echo \"struck $charly_case\"' USR1\nset -r\n");
        foreach (var program in Programs) text.Insert(0, $"{program}() {{ :; }}\n");
        for (var i = 0; i < scripts.Count; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"charly_case={i}\n(\n:\n{scripts[i]}\n)\n:\n");
        text.Append("builtin echo finished\n");
        var result = BashRun.RunFile(text.ToString());
        Assert.EndsWith("finished\n", result.Output, StringComparison.Ordinal);
        return [.. result.Output.Split('\n').Where(l => l.StartsWith("struck ", StringComparison.Ordinal)).Select(l => int.Parse(l[7..], System.Globalization.CultureInfo.InvariantCulture)).Distinct()];
    }
}
