using System.Diagnostics;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

/// <summary>Step scripts on a real bash with the real programs, in a temporary home.</summary>
public sealed class StepScriptRunTests : IDisposable
{
    private readonly BashRun _bash = new();
    private readonly SampleCandies _candies = new();

    public StepScriptRunTests() => Directory.CreateDirectory(_bash["home"]);

    [Fact]
    public void A_written_file_has_exact_bytes_and_mode_and_leaves_nothing_beside_it()
    {
        const string content = "no newline at the end, 'quotes' $HOME `x` \\ \u00e9\r\n\tEOF\n)\n'\"'";
        Apply(Write("~/a/b/c", content, "0640"));
        Assert.Equal(content, File.ReadAllText(_bash["home/a/b/c"]));
        Assert.Equal(Mode("640"), File.GetUnixFileMode(_bash["home/a/b/c"]));
        Assert.Equal(Mode("755"), File.GetUnixFileMode(_bash["home/a/b"]));
        Assert.Equal(["c"], Directory.GetFileSystemEntries(_bash["home/a/b"]).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("0600")]
    [InlineData("0644")]
    [InlineData("0755")]
    [InlineData("0444")]
    [InlineData("02750")]
    public void Every_mode_is_reached(string mode)
    {
        Apply(Write("~/f", "x\n", mode));
        Assert.Equal(Mode(mode), File.GetUnixFileMode(_bash["home/f"]));
    }

    [Fact]
    public void Content_that_no_shell_word_can_hold_is_written_too()
    {
        Apply(Write("~/f", "a\0b\n", "0644"));
        Assert.Equal("a\0b\n", File.ReadAllText(_bash["home/f"]));
    }

    [Fact]
    public void Leftovers_of_a_cut_and_links_set_as_traps_are_not_written_through()
    {
        File.WriteAllText(_bash["victim"], "safe");
        File.CreateSymbolicLink(_bash["home/f.charly-new"], _bash["victim"]);
        Apply(Write("~/f", "x", "0600"));
        Assert.Equal("safe", File.ReadAllText(_bash["victim"]));
        Assert.Equal("x", File.ReadAllText(_bash["home/f"]));
    }

    [Fact]
    public void A_folder_in_the_way_of_a_file_is_an_error_and_stays()
    {
        Directory.CreateDirectory(_bash["home/f/inner"]);
        Assert.NotEqual(0, Run(Write("~/f", "x", "0644")).ExitCode);
        Assert.True(Directory.Exists(_bash["home/f/inner"]));
    }

    [Fact]
    public void Copies_come_from_the_staging_folder_with_their_modes()
    {
        var candy = _candies.Files();
        var tasks = new[]
        {
            SampleCandies.Task("copy", "motd", "${USER}") with { To = "~/x/motd", Mode = "0600" },
            SampleCandies.Task("copy", "site", "${USER}") with { To = "~/site" },
        };
        Apply(tasks, candy);
        Assert.Equal("hello\n", File.ReadAllText(_bash["home/x/motd"]));
        Assert.Equal(Mode("600"), File.GetUnixFileMode(_bash["home/x/motd"]));
        Assert.Equal("blank\n", File.ReadAllText(_bash["home/site/a b.txt"]));
        Assert.Equal(Mode("644"), File.GetUnixFileMode(_bash["home/site/index.html"]));
        Assert.Equal(Mode("755"), File.GetUnixFileMode(_bash["home/site/bin/run.sh"]));
    }

    [Theory]
    [InlineData("/workspace/a/b", "/workspace", "/workspace/a")]
    [InlineData("/container.d/b", "/container.d")]
    [InlineData("/etc/a/b", "/etc/a")]
    [InlineData("/etc/b")]
    [InlineData("/home/ada/.config/b", "/home/ada/.config")]
    [InlineData("/b")]
    public void Every_folder_that_a_system_need_not_have_may_have_to_be_made(string path, params string[] folders) =>
        Assert.Equal(folders, PlacePaths.Folders([path], [], "/home/ada"));

    [Fact]
    public void Folders_and_links_converge()
    {
        CandyTask[] tasks =
        [
            SampleCandies.Task("mkdir", "~/d/e", "${USER}") with { Mode = "0700" },
            SampleCandies.Task("link", "~/links/l", "${USER}") with { To = "~/d" },
        ];
        Apply(tasks);
        File.WriteAllText(_bash["home/d/e/kept"], "");
        Apply(tasks);
        Assert.True(File.Exists(_bash["home/d/e/kept"]));
        Assert.Equal(Mode("700"), File.GetUnixFileMode(_bash["home/d/e"]));
        Assert.Equal(_bash["home/d"], new FileInfo(_bash["home/links/l"]).LinkTarget);
    }

    [Fact]
    public void A_command_sees_its_variables_secrets_files_and_home()
    {
        var candy = _candies.Scripts() with { EnvRequire = [], EnvAccept = [] };
        var body = "printf '%s\\n' \"$PWD\" \"$A\" \"$WX_VERSION\" \"$BUILD_ARCH\" \"$ARCH\" \"$WX_TOKEN\" \"$(cat /ctx/data/x.txt)\"; /ctx/tool.sh";
        var task = SampleCandies.Task("cmd", body, "${USER}") with { Environment = new Dictionary<string, string> { ["A"] = "it's $x\n2" } };
        var result = Run([task], candy, "export WX_TOKEN=secret CHARLY_MACHINE=aarch64\n");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal($"{_bash["home"]}\nit's $x\n2\n1.2\naarch64\narm64\nsecret\nx\ntool\n", result.Output);
    }

    [Theory]
    [InlineData("false; touch after")]
    [InlineData(") ; touch after ; (")]
    [InlineData("} ; touch after")]
    [InlineData("' ; touch after")]
    [InlineData("if true; then touch after")]
    [InlineData("cat <<EOF | false\ntouch after")]
    public void A_body_that_fails_or_does_not_parse_fails_its_step_and_goes_no_further(string body)
    {
        Assert.NotEqual(0, Run(SampleCandies.Task("cmd", body, "${USER}")).ExitCode);
        Assert.False(File.Exists(_bash["home/after"]));
    }

    [Fact]
    public void A_plain_download_is_placed_with_its_mode()
    {
        File.WriteAllText(_bash["served"], "data");
        Apply(SampleCandies.Task("download", $"file://{_bash["served"]}", "${USER}") with { To = "~/bin/tool" });
        Assert.Equal("data", File.ReadAllText(_bash["home/bin/tool"]));
        Assert.Equal(Mode("755"), File.GetUnixFileMode(_bash["home/bin/tool"]));
        Assert.Empty(Directory.GetFileSystemEntries(_bash.Stage));
    }

    [Fact]
    public void A_failed_download_leaves_the_destination_alone()
    {
        File.WriteAllText(_bash["home/tool"], "old");
        Assert.NotEqual(0, Run(SampleCandies.Task("download", $"file://{_bash["nothing"]}", "${USER}") with { To = "~/tool" }).ExitCode);
        Assert.Equal("old", File.ReadAllText(_bash["home/tool"]));
        Assert.Empty(Directory.GetFileSystemEntries(_bash.Stage));
    }

    [Fact]
    public void An_archive_is_unpacked_stripped_filtered_and_keeps_what_it_replaces()
    {
        Directory.CreateDirectory(_bash["src/wx-1/bin"]);
        File.WriteAllText(_bash["src/wx-1/bin/wx"], "new");
        File.WriteAllText(_bash["src/wx-1/bin/other"], "other");
        Shell($"chmod 700 {_bash["src/wx-1/bin"]}; tar -C {_bash["src"]} -czf {_bash["wx.tar.gz"]} wx-1");
        Directory.CreateDirectory(_bash["home/.local/bin"]);
        File.WriteAllText(_bash["home/.local/bin/wx"], "old");
        Shell($"chmod 750 {_bash["home/.local/bin"]}");
        var task = SampleCandies.Task("download", $"file://{_bash["wx.tar.gz"]}", "${USER}") with
        {
            To = "~/.local", StripComponents = 1, Include = ["wx-1/bin/wx"], Mode = "0711",
        };
        Apply(task);
        Assert.Equal("new", File.ReadAllText(_bash["home/.local/bin/wx"]));
        Assert.Equal(Mode("711"), File.GetUnixFileMode(_bash["home/.local/bin/wx"]));
        Assert.False(File.Exists(_bash["home/.local/bin/other"]));
        Assert.Equal(Mode("750"), File.GetUnixFileMode(_bash["home/.local/bin"]));
        Assert.Equal($"{_bash["home/.local/bin/wx"]}\n", File.ReadAllText(_bash["kept"]));
        Assert.Equal([_bash["home/.local"]], Render(task).Single().Folders);
    }

    [Fact]
    public void Of_a_new_folder_nothing_needs_to_be_remembered_file_by_file()
    {
        Directory.CreateDirectory(_bash["src"]);
        File.WriteAllText(_bash["src/a"], "a");
        Shell($"tar -C {_bash["src"]} --zstd -cf {_bash["a.tar.zst"]} .");
        var task = SampleCandies.Task("download", $"file://{_bash["a.tar.zst"]}", "${USER}") with { To = "~/new" };
        Apply(task);
        Assert.False(File.Exists(_bash["kept"]));
        Apply(task);
        Assert.Equal($"{_bash["home/new/a"]}\n", File.ReadAllText(_bash["kept"]));
    }

    [Fact]
    public void Stripping_a_zip_drops_leading_parts_as_tar_does()
    {
        if (!File.Exists("/usr/bin/unzip"))
        {
            Console.WriteLine("skipped: unzip is not installed");
            return;
        }

        using (var zip = System.IO.Compression.ZipFile.Open(_bash["a.zip"], System.IO.Compression.ZipArchiveMode.Create))
        {
            foreach (var name in new[] { "top", "a/one", "a/b/[x]-y", "a/b/.dot" })
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(name);
            }
        }

        Apply(SampleCandies.Task("download", $"file://{_bash["a.zip"]}", "${USER}") with { To = "~/z", StripComponents = 2 });
        Assert.Equal([".dot", "[x]-y"], Directory.GetFileSystemEntries(_bash["home/z"]).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Apply(SampleCandies.Task("download", $"file://{_bash["a.zip"]}", "${USER}") with { To = "~/y", Include = ["a/b/[x]-y"] });
        Assert.Equal("a/b/[x]-y", File.ReadAllText(_bash["home/y/a/b/[x]-y"]));
        Assert.Single(Directory.GetFiles(_bash["home/y"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Stripping_a_tree_drops_leading_parts_and_what_is_not_that_deep()
    {
        Shell($"mkdir -p {_bash["t"]}/a/b {_bash["t"]}/.c; touch {_bash["t"]}/top {_bash["t"]}/a/one {_bash["t"]}/a/b/two {_bash["t"]}/a/b/.three {_bash["t"]}/.c/four");
        var result = _bash.Run($"{DownloadScript.Strip}\ncharly_strip {_bash["t"]} 1");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["b", "four", "one"], Directory.GetFileSystemEntries(_bash["t"]).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Equal(0, _bash.Run($"{DownloadScript.Strip}\ncharly_strip {_bash["t"]} 1").ExitCode);
        Assert.Equal([".three", "two"], Directory.GetFileSystemEntries(_bash["t"]).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_script_download_runs_with_its_variables()
    {
        File.WriteAllText(_bash["install.sh"], "echo \"$PREFIX\" >here\n");
        Apply(SampleCandies.Task("download", $"file://{_bash["install.sh"]}", "${USER}") with { Environment = new Dictionary<string, string> { ["PREFIX"] = "a b" } });
        Assert.Equal("a b\n", File.ReadAllText(_bash["home/here"]));
    }

    [Fact]
    public void An_armored_key_becomes_the_bytes_it_stands_for()
    {
        byte[] one = [.. Enumerable.Range(0, 200).Select(i => (byte)(i * 7))], two = [1, 2, 0, 255];
        static string Armor(byte[] bytes) =>
            $"-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: x\n\n{Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)}\n=AbCd\n-----END PGP PUBLIC KEY BLOCK-----\n";
        File.WriteAllText(_bash["k.asc"], "text before\n" + Armor(one) + Armor(two).ReplaceLineEndings("\r\n"));
        var result = _bash.Run($"{BashFunctions.Dearmor}\ncharly_dearmor {_bash["k.asc"]} >{_bash["k.gpg"]}");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal([.. one, .. two], File.ReadAllBytes(_bash["k.gpg"]));
    }

    [Fact]
    public void A_fetched_repository_file_has_all_its_repositories_switched_off()
    {
        File.WriteAllText(_bash["x.repo"], "[a]\nname=a\nenabled=1\n[b]\nname=b\n enabled = 1\nlast=1");
        var functions = string.Join('\n', BashFunctions.Folder, BashFunctions.Place, BashFunctions.Fetch, BashFunctions.Stale, BashFunctions.Repository, BashFunctions.RepoFile);
        var result = _bash.Run($": >\"$CHARLY_STAGE/.index-fresh\"\n{functions}\ncharly_repo_file file://{_bash["x.repo"]} {_bash["out.repo"]}");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("[a]\nenabled=0\nname=a\n[b]\nenabled=0\nname=b\nlast=1\n", File.ReadAllText(_bash["out.repo"]));
        Assert.False(File.Exists(Path.Combine(_bash.Stage, ".index-fresh")));
    }

    [Fact]
    public void Only_repositories_that_are_there_are_switched_on()
    {
        File.WriteAllText(_bash["a.repo"], "[a]\nname=x\n[a-src]\n");
        var result = _bash.Run($"{BashFunctions.Dnf}\ncharly_dnf_options {_bash["a.repo"]} {_bash["none.repo"]}; printf '%s\\n' \"${{charly_options[@]}}\"");
        Assert.Equal("--refresh\n--enablerepo=a\n--enablerepo=a-src\n", result.Output);
    }

    [Fact]
    public void Units_are_restarted_only_if_their_text_changed()
    {
        const string start = "if [[ -n $charly_changed ]]; then echo changed; else echo same; fi";
        var functions = string.Join('\n', BashFunctions.Folder, BashFunctions.Place, BashFunctions.Unit);
        string Unit(string text, string prologue = "") => _bash.Run($"{functions}\ncharly_unit {_bash["u/x.service"]} {OpenCharly.Foundation.Shell.Quote(text)} ''\n{start}", prologue).Output;
        Assert.Equal("changed\n", Unit("[Unit]\n"));
        Assert.Equal("same\n", Unit("[Unit]\n"));
        Assert.Equal("changed\n", Unit("[Unit]\nA=1\n"));
        Assert.Equal("changed\n", Unit("[Unit]\nA=1\n", "CHARLY_RESUMED=1"));
        Assert.Equal("[Unit]\nA=1\n", File.ReadAllText(_bash["u/x.service"]));
    }

    [Theory]
    [InlineData("sshd.service", "ssh.service")]
    [InlineData("ssh.service", "ssh.service")]
    [InlineData("masked.service", "masked.service")]
    [InlineData("absent.service", "absent.service")]
    public void A_unit_is_enabled_by_its_own_name_where_it_was_asked_for_by_another(string asked, string enabled)
    {
        var units = Directory.CreateDirectory(_bash["units"]).FullName;
        File.WriteAllText(Path.Combine(units, "ssh.service"), "");
        File.CreateSymbolicLink(Path.Combine(units, "sshd.service"), "ssh.service");
        File.CreateSymbolicLink(Path.Combine(units, "masked.service"), "/dev/null");
        var function = BashFunctions.UnitName.Replace("/usr/lib/systemd/system", units, StringComparison.Ordinal);
        var found = _bash.Run($"systemctl() {{ [[ $5 != sshd.service ]] || echo ssh.service; }}\n{function}\ncharly_unit_name {asked}\necho $charly_name").Output;
        Assert.Equal(enabled, found.Trim());
    }

    [Fact]
    public void Twenty_written_files_start_twenty_programs()
    {
        var tasks = Enumerable.Range(0, 20).Select(i => Write($"~/f{i}", $"content {i}\n", "0644")).ToArray();
        var body = string.Join('\n', Render(tasks).Select(s => s.Body));
        Assert.Equal(0, _bash.RunStubbed(body).ExitCode);
        Assert.Equal(Enumerable.Repeat("mv", 20), _bash.Calls().Select(c => c[0]));
    }

    [Fact]
    public void Another_account_owns_what_is_placed_for_it_and_runs_what_is_run_for_it()
    {
        if (Environment.UserName != "root")
        {
            Console.WriteLine("skipped: only root can act for other accounts");
            return;
        }

        var request = Plan.InSandbox(_bash, _candies.New("other") with
        {
            Tasks =
            [
                SampleCandies.Task("write", "~/f", "daemon") with { Content = "x", Mode = "04750" },
                SampleCandies.Task("cmd", "id -un; echo \"$WX $HOME\"; read -r line || echo 'no input'", "daemon") with { Environment = new Dictionary<string, string> { ["WX"] = "it's" } },
                SampleCandies.Task("cmd", "id -u; id -g", "4242:4243"),
                SampleCandies.Task("cmd", "true", "no-such-account"),
            ],
        });
        var plan = PlanCompiler.Compile(request with { Facts = request.Facts with { User = "ada" } });
        var scripts = plan.Steps.Select(s => StepScripts.Render(s, plan)).ToList();
        Assert.All(scripts, s => Assert.True(s.AsRoot));
        Assert.Equal(0, _bash.Run(scripts[0].Body).ExitCode);
        Assert.Equal("daemon\n", Shell($"stat -c %U {_bash["home/f"]}"));
        Assert.Equal(Mode("4750"), File.GetUnixFileMode(_bash["home/f"]));
        Assert.Equal($"daemon\nit's {Shell("getent passwd daemon | cut -d: -f6")}no input\n", _bash.Run(scripts[1].Body).Output);
        Assert.Equal("4242\n4243\n", _bash.Run(scripts[2].Body).Output);
        var missing = _bash.Run(scripts[3].Body);
        Assert.NotEqual(0, missing.ExitCode);
        Assert.Contains("no account no-such-account", missing.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _bash.Dispose();
        _candies.Dispose();
    }

    private static CandyTask Write(string path, string content, string mode) => SampleCandies.Task("write", path, "${USER}") with { Content = content, Mode = mode };

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);

    private void Apply(params CandyTask[] tasks) => Apply(tasks, _candies.New("t"));

    private void Apply(CandyTask[] tasks, Candy candy)
    {
        var result = Run(tasks, candy);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private BashResult Run(params CandyTask[] tasks) => Run(tasks, _candies.New("t"));

    private IReadOnlyList<StepScript> Render(params CandyTask[] tasks)
    {
        var plan = PlanCompiler.Compile(Plan.InSandbox(_bash, _candies.New("t") with { Tasks = tasks }));
        return [.. plan.Steps.Select(s => AsDeployUser(StepScripts.Render(s, plan)))];
    }

    private BashResult Run(CandyTask[] tasks, Candy candy, string prologue = "")
    {
        var plan = PlanCompiler.Compile(Plan.InSandbox(_bash, candy with { Tasks = tasks }));
        var result = new BashResult(0, "", "");
        foreach (var script in plan.Steps.Select(s => StepScripts.Render(s, plan)))
        {
            foreach (var file in script.Staged)
            {
                var path = Path.Combine(_bash.Stage, file.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Copy(file.Source, path, overwrite: true);
                File.SetUnixFileMode(path, Mode(file.Mode));
            }

            result = _bash.Run(AsDeployUser(script).Body, prologue);
            if (result.ExitCode != 0) return result;
        }

        return result;
    }

    private static StepScript AsDeployUser(StepScript script)
    {
        Assert.True(!script.AsRoot || Environment.UserName == "root");
        return script;
    }

    private static string Shell(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
