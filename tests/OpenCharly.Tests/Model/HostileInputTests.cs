using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Model;

/// <summary>Whatever stands in a file, reading it ends in problems with a place, or in values that are safe to use.</summary>
public sealed class HostileInputTests : ProjectFixture
{
    private static readonly string[] Nasty =
    [
        "", " ", "a b", "$(reboot)", "`id`", "a;b", "a|b", "a&b", "-rf", "--", "../../etc/passwd", "/etc/../x", "~root/x", "a\nb", "a\r\nb", "a\tb", "\0", "\u001b[31m",
        "a'b", "a\"b", "a\\b", "${HOME}", "${X", "$HOME", "%s", "{{.Home}}", "é", "名", "\u2028", "\u202e", "😀", "A=B", "PATH", "LD_PRELOAD", "*", "?", "[a]", "{a,b}", "<x>", "#x",
        "a:b", "a/b", "a@b", "root", "0", "-1", "99999999999999999999", "1e9", "0x10", "yes", "null", "~", "a,b", "x..y", ".", "..", "/", "a.service", "ok-name",
    ];

    private static readonly string[] Templates =
    [
        "candy: {{name: {0}}}", "candy: {{package: [{0}]}}", "candy: {{distro: {{debian: {{package: [{0}], option: [{0}], repo: [{{name: {0}, url: {0}, signed_by: {0}}}]}}}}}}",
        "candy: {{distro: {{{0}: {{package: [x]}}}}}}", "candy: {{env: {{{0}: {0}}}}}", "candy: {{var: {{{0}: {0}}}}}", "candy: {{path_append: [{0}]}}",
        "candy: {{task: [{{cmd: {0}, user: {0}, env: {{{0}: {0}}}, cache: [{0}]}}]}}", "candy: {{task: [{{mkdir: {0}, mode: {0}}}]}}",
        "candy: {{task: [{{copy: {0}, to: {0}}}]}}", "candy: {{task: [{{write: {0}, content: {0}}}]}}", "candy: {{task: [{{link: {0}, target: {0}}}]}}",
        "candy: {{task: [{{download: {0}, to: {0}, include: [{0}], uninstall: [{0}], extract: {0}}}]}}", "candy: {{task: [{{setcap: {0}, caps: {0}}}]}}",
        "candy: {{package: [x], service: [{{name: {0}, use_packaged: {0}}}]}}",
        "candy: {{service: [{{name: {0}, exec: {0}, user: {0}, env: {{{0}: {0}}}, after: {0}, stdout: {0}, working_directory: {0}, stop_signal: {0}}}]}}",
        "candy: {{shell: {{init: {0}, path: {0}, path_append: [{0}]}}}}", "candy: {{require: [{0}], candy: [{0}]}}", "candy: {{volume: [{{name: {0}, path: {0}}}]}}",
        "candy: {{alias: [{{name: {0}, command: {0}}}]}}", "candy: {{port: [{0}], port_relay: [{0}]}}", "candy: {{secret: [{{name: {0}, env: {0}, target: {0}}}]}}",
        "candy: {{env_require: [{{name: {0}, description: d}}]}}", "candy: {{artifact: [{{name: {0}, path: {0}, retrieve_to: {0}, mode: {0}}}]}}",
        "candy: {{extract: [{{source: {0}, path: {0}, dest: {0}}}]}}", "candy: {{directory: {0}}}", "candy: {{libvirt: [{0}]}}", "candy: {{eval: [{{file: {0}, timeout: {0}}}]}}",
        "candy: {{data: [{{src: {0}, volume: {0}, dest: {0}}}]}}", "candy: {{localpkg: {{{0}: {0}}}}}", "candy: {{{0}: {0}}}", "{0}: {{name: x}}",
    ];

    private static readonly string[] VmTemplates =
    [
        "source: {{kind: cloud_image, url: {0}, base_user: {0}, cache: {0}}}", "source: {{kind: bootstrap, builder: debootstrap, distro: {0}, suite: {0}, mirror: {0}, package: [{0}], kernel_args: {0}}}",
        "source: {{kind: clone, from_vm: {0}, from_snapshot: {0}}}", "source: {{kind: {0}}}", "{{machine: {0}, firmware: {0}, cpu_model: {0}, cpu: {0}, ram: {0}, disk_size: {0}}}",
        "network: {{mode: bridge, bridge: {0}, model: {0}, mac: {0}, port_forwards: [{0}]}}", "ssh: {{user: {0}, port: {0}, key_source: {0}}}",
        "cloud_init: {{hostname: {0}, users: [{{name: {0}, shell: {0}, groups: [{0}]}}], write_files: [{{path: {0}, perms: {0}}}], package: [{0}], runcmd: [[{0}]], extra: {0}}}",
        "snapshot: [{{name: {0}}}]", "libvirt: {{snippets: [{0}], cpu: {{mode: {0}}}}}", "{0}: {0}",
    ];

    [Fact]
    public void Hostile_values_in_candies_are_refused_with_a_place_or_harmless()
    {
        var accepted = 0;
        foreach (var template in Templates)
        {
            foreach (var nasty in Nasty.Concat(Combined()))
            {
                var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, template, YamlText.Quote(nasty));
                if (Candy(text) is not { } candy) continue;
                accepted++;
                AssertHarmless(candy, text);
            }
        }

        Assert.True(accepted > 100, "most of the inputs are refused, but not all");
    }

    [Fact]
    public void Hostile_values_in_vm_entities_are_refused_with_a_place_or_harmless()
    {
        foreach (var template in VmTemplates)
        {
            foreach (var nasty in Nasty.Concat(Combined()))
            {
                var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, template, YamlText.Quote(nasty));
                var problems = new List<Problem>();
                VmSpec? spec = null;
                Guard(text, problems, () => spec = VmReader.Read((YamlMapping)YamlReader.Read(text, "f.yml")[0], "web", "/p", problems));
                if (spec is null || problems.Any(p => !p.IsWarning)) continue;
                if (spec.Machine is { } machine) Assert.Matches("^[A-Za-z0-9][A-Za-z0-9._-]*$", machine);
                if (spec.Ssh.User is { } user) Assert.True(Names.IsUser(user));
                if (spec.Network.Bridge is { } bridge) Assert.DoesNotMatch(@"[\s,=/]", bridge);
                foreach (var account in spec.CloudInit?.Users ?? []) Assert.True(Names.IsUser(account.Name));
            }
        }
    }

    [Fact]
    public void Hostile_deploy_entries_are_refused_with_a_place_or_harmless()
    {
        foreach (var nasty in Nasty.Concat(Combined()))
        {
            var quoted = YamlText.Quote(nasty);
            foreach (var body in new[] { $"host: {quoted}", $"user: {quoted}\nhost: h", $"env: {{{quoted}: {quoted}}}", $"add_candy: [{quoted}]", $"target: {quoted}", $"vm: {quoted}\ntarget: vm", $"nested: {{{quoted}: {{target: local}}}}" })
            {
                var problems = new List<Problem>();
                Deployment? entry = null;
                Guard(body, problems, () => entry = DeploymentReader.Read((YamlMapping)YamlReader.Read(body, "f.yml")[0], nasty, false, problems));
                if (entry is null || problems.Any(p => !p.IsWarning)) continue;
                Assert.False(entry.Host.StartsWith('-'));
                Assert.DoesNotMatch(@"\s", entry.Host + entry.Key);
                Assert.All(entry.Environment.Keys, name => Assert.True(Names.IsVariable(name)));
            }
        }
    }

    [Fact]
    public void Random_bytes_and_cut_files_end_in_an_error_with_a_place()
    {
        const string Alphabet = "abc:-? \n\t{}[],&*!|>'\"%@`#\\~0\r\0é😀\u0085\u2028\ufeff<";
        var seed = "candy:\n  name: x\n  task:\n    - cmd: |\n        a\n    - &a {mkdir: /x}\n    - *a\n  env: {A: 'b', \"c\": d}\n";
        for (var i = 0; i < 8000; i++)
        {
            var random = new Random(i);
            var text = new StringBuilder(i % 2 == 0 ? seed[..random.Next(seed.Length)] : "");
            for (var n = random.Next(40); n > 0; n--) text.Insert(random.Next(text.Length + 1), Alphabet[random.Next(Alphabet.Length)]);
            Candy(text.ToString());
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("\"")]
    [InlineData("!a ")]
    public void Deep_nesting_ends_in_an_error(string open) => Candy("candy: " + string.Concat(Enumerable.Repeat(open, 20_000)));

    [Fact]
    public void Deep_block_nesting_ends_in_an_error() =>
        Candy(string.Concat(Enumerable.Range(0, 500).Select(i => new string(' ', i) + "a:\n")));

    [Fact]
    public void Alias_bombs_end_in_an_error()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 12).Select(i => $"a{i}: &a{i} [" + string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10)) + "]\n"));
        Assert.Equal(Errors.YamlLimit, Assert.Throws<CharlyException>(() => YamlReader.Read(bomb, "f.yml")).Code);
        var merges = "a0: &a0 {k: v}\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], k{i}: v}}\n"));
        Assert.Equal(Errors.YamlLimit, Assert.Throws<CharlyException>(() => YamlReader.Read(merges, "f.yml")).Code);
    }

    [Fact]
    public void A_duplicate_key_anywhere_is_found_at_its_place()
    {
        foreach (var body in new[] { "env: {A: b, A: c}", "task: [{cmd: a, cmd: b}]", "name: a\n  name: b", "shell: {bash: {init: x}, bash: {init: y}}" })
        {
            var error = Assert.Throws<CharlyException>(() => YamlReader.Read("candy:\n  " + body + "\n", "f.yml"));
            Assert.Equal(Errors.YamlDuplicate, error.Code);
            Assert.True(error.Position!.Line >= 2);
        }
    }

    [Fact]
    public async Task Random_project_files_never_escape_as_anything_but_our_errors()
    {
        var words = new[] { "version: 2026.163.0928\n", "deploy:\n", "  a: {target: local}\n", "vm: {a: {}}\n", "import: [x]\n", "---\n", "candy: {name: a}\n", "discover: [\"..\"]\n", "- x\n", "eval: {b: }\n", "local:\n", "box: 1\n", "distro: {d: {}}\n" };
        for (var i = 0; i < 400; i++)
        {
            var random = new Random(i);
            Write("charly.yml", string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => words[random.Next(words.Length)])));
            try
            {
                await LoadAsync();
            }
            catch (CharlyException e)
            {
                Assert.NotNull(e.Position);
            }
        }
    }

    private static IEnumerable<string> Combined()
    {
        for (var i = 0; i < 250; i++)
        {
            var random = new Random(i);
            yield return Nasty[random.Next(Nasty.Length)] + Nasty[random.Next(Nasty.Length)] + (i % 3 == 0 ? "" : "/x");
        }
    }

    private Candy? Candy(string text)
    {
        var problems = new List<Problem>();
        Candy? candy = null;
        Guard(text, problems, () => candy = CandyReader.ReadText(text, Path.Combine(Folder, "charly.yml"), new CandyOrigin(Folder) { DisplayName = "f.yml" }, problems));
        return problems.Any(p => !p.IsWarning) ? null : candy;
    }

    private static void Guard(string text, List<Problem> problems, Action read)
    {
        try
        {
            read();
        }
        catch (CharlyException e)
        {
            Assert.NotNull(e.Position);
            problems.Add(new Problem(e.Code, e.Message, e.Help, e.Position));
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{e.GetType().Name} for {text[..Math.Min(300, text.Length)]}: {e}");
        }

        Assert.All(problems, p => Assert.NotNull(p.Position));
    }

    private static void AssertHarmless(Candy candy, string text)
    {
        Assert.True(Names.IsCandy(candy.Name), text);
        Assert.All(candy.Packages.Concat(candy.Sections.SelectMany(s => s.Packages)), p => Assert.True(Names.IsPackage(p), text));
        Assert.All(candy.Environment.Keys.Concat(candy.Variables.Keys), n => Assert.True(Names.IsVariable(n) && n != "PATH", text));
        Assert.All(candy.PathEntries, p => Assert.Matches(@"^(/|~/|~$|\$\{HOME\}|\$HOME)[^\n:]*$", p));
        foreach (var task in candy.Tasks)
        {
            Assert.DoesNotMatch(@"[\s;|&`]", task.User);
            Assert.True(task.Mode is null || task.Mode.All(char.IsAsciiDigit), text);
            if (task.Verb is "mkdir" or "write" or "link" or "setcap") Assert.DoesNotContain("..", task.Value.Split('/'));
            if (task.Verb is "copy" or "download" && task.To is { } to) Assert.DoesNotContain("..", to.Split('/'));
            if (task.Verb is not "cmd") Assert.DoesNotContain('\n', task.Value);
        }

        foreach (var service in candy.Services)
        {
            Assert.True(Names.IsUnit(service.Name), text);
            Assert.True(service.PackagedUnit is null || Names.IsUnit(service.PackagedUnit), text);
            Assert.DoesNotContain('\n', service.Exec ?? "");
            Assert.DoesNotContain('\n', service.WorkingDirectory ?? "");
            Assert.All(service.Environment, e => Assert.DoesNotContain('\n', e.Value.TrimEnd('\n')));
        }

        Assert.All(candy.Volumes, v => Assert.Matches("^[a-z0-9-]+$", v.Name));
        Assert.All(candy.Aliases.Keys, a => Assert.Matches("^[a-zA-Z0-9._-]+$", a));
        Assert.All(candy.Secrets, s => Assert.True(Names.IsVariable(s.Variable) && s.Target.StartsWith('/'), text));
    }
}
