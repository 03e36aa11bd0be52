using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Targets;

/// <summary>Packages that were on the machine in some state before a candy asked for them: undo brings that state back.</summary>
public sealed class PackageStateTests : IAsyncLifetime, IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("charly-state-").FullName;
    private readonly string _name = "charly-test-" + Guid.NewGuid().ToString("N")[..8];
    private LabArchive? _archive;

    private LabArchive Archive => _archive!;

    private string Configuration => $"/etc/{_name}.conf";

    public Task InitializeAsync()
    {
        if (Need.Missing("root", "apt-get", "dpkg-deb") is null) _archive = new LabArchive();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (_archive is not null)
        {
            await new ProcessRunner(CharlyEnvironment.FromProcess()).RunAsync(new ProcessRequest("dpkg", "--purge", _name, _name + "-old"));
        }
    }

    public void Dispose()
    {
        _archive?.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task The_configuration_of_a_removed_package_is_as_it_was()
    {
        await Archive.OfferAsync(_name, "1", new Dictionary<string, string> { [Configuration] = "as packaged\n" });
        await Archive.AptAsync("install", _name);
        await File.WriteAllTextAsync(Configuration, "as the administrator wants it\n");
        await Archive.AptAsync("remove", _name);
        Assert.Equal("config-files 1", await Archive.StateAsync(_name));

        await AddAsync();
        Assert.Equal("installed 1", await Archive.StateAsync(_name));
        await File.WriteAllTextAsync(Configuration, "changed since\n");
        await RemoveAsync();
        Assert.Equal("config-files 1", await Archive.StateAsync(_name));
        Assert.Equal("as the administrator wants it\n", await File.ReadAllTextAsync(Configuration));
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task A_package_that_came_to_a_newer_version_goes_back()
    {
        await Archive.OfferAsync(_name, "1");
        await Archive.AptAsync("install", _name);
        await Archive.OfferAsync(_name, "2");
        await AddAsync();
        Assert.Equal("installed 2", await Archive.StateAsync(_name));
        await RemoveAsync();
        Assert.Equal("installed 1", await Archive.StateAsync(_name));
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task A_package_that_had_to_make_room_comes_back()
    {
        var old = _name + "-old";
        await Archive.OfferAsync(old, "1");
        await Archive.AptAsync("install", old);
        await Archive.OfferAsync(_name, "1", fields: $"Conflicts: {old}\n");
        await AddAsync();
        Assert.Equal("installed 1", await Archive.StateAsync(_name));
        Assert.NotEqual("installed 1", await Archive.StateAsync(old));
        await RemoveAsync();
        Assert.Equal("installed 1", await Archive.StateAsync(old));

        // Where it can't be had any more, undo says so.
        await AddAsync();
        await Archive.WithdrawAsync(old, "1");
        var removed = await RemoveAsync();
        Assert.Contains($"not there any more, because they can't be had or have no room: {old}=1", Assert.Single(removed.Undone).Detail, StringComparison.Ordinal);
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task A_version_that_can_not_be_had_any_more_is_named()
    {
        await Archive.OfferAsync(_name, "1");
        await Archive.AptAsync("install", _name);
        await Archive.OfferAsync(_name, "2");
        await Archive.WithdrawAsync(_name, "1");
        await AddAsync();
        var removed = await RemoveAsync();
        Assert.Equal("installed 2", await Archive.StateAsync(_name));
        Assert.Contains($"newer ones stay: {_name}=1", Assert.Single(removed.Undone).Detail, StringComparison.Ordinal);
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task A_version_that_somebody_else_installed_since_stays()
    {
        await Archive.OfferAsync(_name, "1");
        await Archive.AptAsync("install", _name);
        await Archive.OfferAsync(_name, "2");
        await AddAsync();
        await Archive.OfferAsync(_name, "3");
        await Archive.AptAsync("install", _name);
        await RemoveAsync();
        Assert.Equal("installed 3", await Archive.StateAsync(_name));
    }

    [LiveFact("root", "apt-get", "dpkg-deb", "update-alternatives", "dpkg-divert")]
    public async Task Alternatives_diversions_shells_and_accounts_of_a_package_go_with_it()
    {
        var program = $"/usr/bin/{_name}";
        await Archive.OfferAsync(
            _name,
            "1",
            new Dictionary<string, string> { [$"/usr/lib/{_name}/program"] = "x" },
            new Dictionary<string, string>
            {
                ["preinst"] = $"dpkg-divert --package {_name} --add --rename --divert /usr/share/{_name}.diverted /usr/share/{_name}.original",
                ["postinst"] = $"""
                    update-alternatives --install {program} {_name} /usr/lib/{_name}/program 50
                    add-shell /usr/lib/{_name}/program
                    useradd --system --home-dir /var/lib/{_name} --create-home {_name}
                    """,
                ["prerm"] = $"update-alternatives --remove {_name} /usr/lib/{_name}/program\nremove-shell /usr/lib/{_name}/program",
                ["postrm"] = $"[ \"$1\" = purge ] || exit 0\ndpkg-divert --package {_name} --remove --rename --divert /usr/share/{_name}.diverted /usr/share/{_name}.original",
            });
        string[] tables = ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid"];
        string[] files = [.. tables, .. tables.Select(t => t + "-"), "/etc/shells", "/var/lib/dpkg/diversions"];
        var before = files.Where(File.Exists).ToDictionary(f => f, File.ReadAllText);
        await AddAsync();
        Assert.True(File.Exists(program));
        Assert.Contains(_name, await File.ReadAllTextAsync("/etc/passwd"), StringComparison.Ordinal);
        await RemoveAsync();
        Assert.Equal(before, files.Where(File.Exists).ToDictionary(f => f, File.ReadAllText));
        foreach (var path in new[] { program, $"/etc/alternatives/{_name}", $"/var/lib/dpkg/alternatives/{_name}", $"/var/lib/{_name}" })
        {
            Assert.Null(new FileInfo(path).LinkTarget);
            Assert.False(Path.Exists(path), path);
        }
    }

    [LiveFact("root", "apt-get", "dpkg-deb", "useradd")]
    public async Task Copies_of_the_tables_of_accounts_stay_where_somebody_else_changed_accounts_since()
    {
        var other = _name + "-other";
        await Archive.OfferAsync(_name, "1", new Dictionary<string, string> { [$"/usr/lib/{_name}/program"] = "x" }, new Dictionary<string, string> { ["postinst"] = $"groupadd --system {_name}" });
        await AddAsync();
        var programs = new ProcessRunner(CharlyEnvironment.FromProcess());
        try
        {
            Assert.True((await programs.RunAsync(new ProcessRequest("groupadd", "--system", other))).Succeeded);
            await RemoveAsync();
            Assert.Contains(other, await File.ReadAllTextAsync("/etc/group-"), StringComparison.Ordinal);
        }
        finally
        {
            await programs.RunAsync(new ProcessRequest("groupdel", other));
        }
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task A_folder_of_a_package_goes_with_what_its_scripts_wrote_there()
    {
        await Archive.OfferAsync(
            _name,
            "1",
            new Dictionary<string, string> { [$"/var/lib/{_name}/sub/owned"] = "x" },
            new Dictionary<string, string> { ["postinst"] = $"echo state >/var/lib/{_name}/sub/state" });
        await AddAsync();
        Assert.True(File.Exists($"/var/lib/{_name}/sub/state"));
        await RemoveAsync();
        Assert.False(Path.Exists($"/var/lib/{_name}"));
    }

    [LiveFact("root", "apt-get", "dpkg-deb")]
    public async Task What_others_store_meanwhile_stays_and_what_a_package_made_goes_however_much_it_is()
    {
        // More than one command line can name: 3000 paths of some 700 bytes.
        var own = $"/var/lib/{_name}";
        var deep = string.Join('/', Enumerable.Repeat(new string('x', 220), 3));
        string[] others = [$"/var/lib/{_name}-db", $"/srv/{_name}", $"/opt/{_name}-app"];
        await Archive.OfferAsync(_name, "1", scripts: new Dictionary<string, string>
        {
            ["postinst"] = $"mkdir -p {own}/{deep}\nseq -f {own}/{deep}/%g 3000 | xargs touch\n" + string.Concat(others.Select(o => $"echo theirs >{o}/written\n")),
        });
        try
        {
            foreach (var other in others) Directory.CreateDirectory(other);
            Assert.True((await new ProcessRunner(CharlyEnvironment.FromProcess()).RunAsync(new ProcessRequest("chown", "65534", others[0]))).Succeeded);
            await AddAsync();
            Assert.True(File.Exists($"{own}/{deep}/3000"));
            await RemoveAsync();
            Assert.False(Path.Exists(own));
            Assert.All(others, o => Assert.Equal("theirs\n", File.ReadAllText(o + "/written")));
        }
        finally
        {
            foreach (var other in others) Directory.Delete(other, recursive: true);
        }
    }

    [LiveFact("root", "setcap", "getcap")]
    public async Task Capabilities_that_were_set_are_gone_with_undo()
    {
        var program = Path.Combine(_home, "program");
        File.Copy("/bin/true", program);
        await using (var target = Target())
        {
            var step = TestPlan.Task("built", "root", "setcap", program) with { Capabilities = "cap_net_bind_service=+ep" };
            Assert.Null((await target.ApplyAsync(TestPlan.Of(await target.GetFactsAsync(), step), new ApplyOptions())).Failure);
        }

        Assert.Contains("cap_net_bind_service", await CapabilitiesAsync(program), StringComparison.Ordinal);
        await RemoveAsync();
        Assert.Equal("", await CapabilitiesAsync(program));
        Assert.Equal(await File.ReadAllBytesAsync("/bin/true"), await File.ReadAllBytesAsync(program));
    }

    private static async Task<string> CapabilitiesAsync(string program) =>
        (await new ProcessRunner(CharlyEnvironment.FromProcess()).RunAsync(new ProcessRequest("getcap", program))).StandardOutput.Trim();

    private async Task AddAsync()
    {
        await using var target = Target();
        Assert.Null((await target.ApplyAsync(TestPlan.Of(await target.GetFactsAsync(), TestPlan.Packages("built", _name)), new ApplyOptions())).Failure);
    }

    private async Task<DeployResult> RemoveAsync()
    {
        await using var target = Target();
        var removed = await target.RemoveAsync("lab", new RemoveOptions());
        Assert.Null(removed!.Failure);
        return removed;
    }

    private LinuxTarget Target()
    {
        var real = CharlyEnvironment.FromProcess();
        var environment = real with
        {
            Home = _home,
            WorkingDirectory = _home,
            Variables = new Dictionary<string, string>(_archive?.Variables ?? real.Variables) { ["HOME"] = _home },
        };
        return new LinuxTarget(new LocalExecutor(environment, new ProcessRunner(environment)), new LinuxTargetOptions { Id = "host", Host = "local" }, new Progress<CharlyEvent>());
    }
}
