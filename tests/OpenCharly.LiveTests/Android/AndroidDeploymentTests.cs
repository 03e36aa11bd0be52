using System.IO.Compression;
using OpenCharly.Android;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Android;

/// <summary>Packages on a device, through the real adb program.</summary>
public sealed class AndroidDeploymentTests : IDisposable
{
    private static readonly AndroidPatience Short = new(TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(200));

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-android-").FullName;
    private readonly ScriptedDevice _device = new();
    private readonly List<string> _notices = [];

    public AndroidDeploymentTests()
    {
        Write("charly.yml", $$$"""
            version: 2026.163.0928
            discover: [{path: candy, recursive: true}]
            android:
              phone: {adb: {host: localhost, port: {{{_device.Port}}}}, google_account: {email_secret: MAIL, token_secret: TOKEN}}
              nobody: {adb: {host: 127.0.0.1, port: 1}}
              other: {adb: {host: "127.0.0.1:{{{_device.Port}}}"}, serial: R58M}
            deploy:
              apps: {target: android, android: phone, add_candy: [demo]}
              more: {target: android, android: phone, add_candy: [fetched]}
              lost: {target: android, android: nobody, add_candy: [demo]}
              stranger: {target: android, android: other, add_candy: [demo]}
            """ + "\n");
        Candy("demo", "apk: [{apk: data/demo.apk}]");
        Candy("fetched", "apk: [{package: org.example.split, source: google-play}, {package: org.example.big, version: \"2.0\"}]");
        Write("data/demo.apk", "package=org.example.demo");
    }

    private CharlyContext Context
    {
        get
        {
            var real = CharlyEnvironment.FromProcess();
            var variables = new Dictionary<string, string>(real.Variables)
            {
                ["PATH"] = Path.Combine(_folder, "bin") + ":" + real.Variable("PATH"), ["HOME"] = _folder, ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"),
                ["XDG_DATA_HOME"] = Path.Combine(_folder, "data-home"), ["MAIL"] = "someone@example.org", ["TOKEN"] = "canary-token",
            };
            variables.Remove("DBUS_SESSION_BUS_ADDRESS");
            return new CharlyContext(real with { Home = _folder, WorkingDirectory = Path.Combine(_folder, "project"), Variables = variables }, new Collector(_notices));
        }
    }

    [LiveFact("adb")]
    public async Task A_committed_package_is_installed_once_and_uninstalled_by_del()
    {
        _device.BootAfter = 1;
        var added = await new AddBundle(Context).RunAsync(new BundleRequest { Name = "apps" });
        Assert.Null(added.Failure);
        Assert.Equal((StepStatus.Done, true), (Assert.Single(added.Steps).Status, added.Changed));
        Assert.Contains("org.example.demo", _device.Packages.Keys);
        var installs = _device.Asked.Count(a => a.Contains("install", StringComparison.Ordinal));
        var second = await new AddBundle(Context).RunAsync(new BundleRequest { Name = "apps" });
        Assert.Equal((StepStatus.Unchanged, false), (Assert.Single(second.Steps).Status, second.Changed));
        Assert.Equal(installs, _device.Asked.Count(a => a.Contains("install", StringComparison.Ordinal)));
        Assert.Equal("applied", Assert.Single(await new GetBundles(Context).RunAsync(new BundleQuery { Names = ["apps"], AllTargets = true })).Status);

        Assert.Equal(["org.example.demo"], (await DelAsync("apps", dryRun: true)).Items);
        Assert.Contains("org.example.demo", _device.Packages.Keys);
        Assert.Equal(["org.example.demo"], (await DelAsync("apps")).Items);
        Assert.Equal(["com.android.shell"], _device.Packages.Keys);
        Assert.False((await DelAsync("apps")).Changed);
    }

    [LiveFact("adb")]
    public async Task What_was_on_the_device_before_stays_there()
    {
        _device.Packages["org.example.demo"] = 1;
        await new AddBundle(Context).RunAsync(new BundleRequest { Name = "apps" });
        await DelAsync("apps");
        Assert.Contains("org.example.demo", _device.Packages.Keys);
        Assert.Contains("data/demo.apk was on the device before, so it stays", _notices);
    }

    [LiveFact("adb")]
    public async Task Fetched_packages_come_in_parts_or_as_an_archive_and_no_secret_is_an_argument()
    {
        var archive = Path.Combine(_folder, "big.xapk");
        using (var zip = ZipFile.Open(archive, ZipArchiveMode.Create))
        {
            Entry(zip, "org.example.big.apk", "package=org.example.big");
            Entry(zip, "config.x86_64.apk", "part");
            Entry(zip, "Android/obb/org.example.big/main.1.org.example.big.obb", "maps");
            Entry(zip, "../../evil.apk.txt", "no");
        }

        Program("apkeep", $$"""
            printf '%s\n' "$*" >> {{_folder}}/calls
            for last; do :; done
            case "$*" in
              *google-play*) cat "${last%/apk}/account.ini" > {{_folder}}/account; mkdir "$last/split"; printf package=org.example.split > "$last/split/base.apk"; printf part > "$last/split/config.apk" ;;
              *) cp {{archive}} "$last/big.xapk" ;;
            esac
            """);
        var added = await new AddBundle(Context).RunAsync(new BundleRequest { Name = "more" });
        Assert.True(added.Failure is null, added.Failure?.Message);
        Assert.Equal((2, 2), (_device.Packages["org.example.split"], _device.Packages["org.example.big"]));
        Assert.Equal("maps", _device.Files["/sdcard/Android/obb/org.example.big/main.1.org.example.big.obb"]);
        var calls = File.ReadAllText(Path.Combine(_folder, "calls"));
        Assert.Contains("-a org.example.split -d google-play -o split_apk=true --ini ", calls, StringComparison.Ordinal);
        Assert.Contains("-a org.example.big@2.0 -d apk-pure -o arch=x86_64 ", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", calls, StringComparison.Ordinal);
        Assert.Equal("[google]\nemail = someone@example.org\naas_token = canary-token\n", File.ReadAllText(Path.Combine(_folder, "account")));
        await DelAsync("more");
        Assert.Equal(["com.android.shell"], _device.Packages.Keys);
    }

    [LiveFact("adb")]
    public async Task A_device_that_is_busy_is_asked_again_and_one_that_refuses_is_quoted()
    {
        _device.Refusals.Enqueue("INSTALL_FAILED_INTERNAL_ERROR");
        Assert.Null((await AddAsync("apps")).Failure);
        Assert.Contains("org.example.demo", _device.Packages.Keys);
        Write("data/demo.apk", "package=org.example.demo again");
        for (var i = 0; i < 100; i++) _device.Refusals.Enqueue("INSTALL_FAILED_INSUFFICIENT_STORAGE");
        var result = await AddAsync("apps");
        Assert.Equal(Errors.ApkInstall, result.Failure!.Code);
        Assert.Contains("INSTALL_FAILED_INSUFFICIENT_STORAGE", result.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(StepStatus.Failed, Assert.Single(result.Steps).Status);
    }

    [LiveTheory("adb")]
    [InlineData("apps", -1, "sys.boot_completed is \"\"")]
    [InlineData("lost", 0, "cannot connect to daemon")]
    [InlineData("stranger", 0, "R58M")]
    public async Task A_device_that_does_not_answer_or_boot_is_told_with_what_was_seen_last(string name, int boot, string seen)
    {
        _device.BootAfter = boot;
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync(name));
        Assert.Equal(Errors.AndroidUnreachable, error.Code);
        Assert.Contains(seen, error.Message, StringComparison.Ordinal);
        Assert.Equal(["com.android.shell"], _device.Packages.Keys);
        Assert.False(Directory.Exists(new HostPaths(Context.Environment).AndroidRecords));
    }

    public void Dispose()
    {
        _device.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<DeployResult> AddAsync(string name)
    {
        var project = await new BundleResolver(Context).LoadAsync(CancellationToken.None);
        return await new AndroidDeployment(Context, project, project.Deployments[name], Short).AddAsync(new BundleRequest { Name = name }, CancellationToken.None);
    }

    private Task<DeployResult> DelAsync(string name, bool dryRun = false) => new RemoveBundle(Context).RunAsync(new RemoveBundleRequest { Name = name, DryRun = dryRun });

    private void Candy(string name, string body) => Write($"candy/{name}/charly.yml", $"candy:\n  name: {name}\n  version: 2026.150.0900\n  {body}\n");

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder, "project", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private void Program(string name, string body)
    {
        var file = Path.Combine(_folder, "bin", name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "#!/bin/bash\nset -e\n" + body + "\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }

    private static void Entry(ZipArchive zip, string name, string text)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name).Open());
        writer.Write(text);
    }

    private sealed class Collector(List<string> notices) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            if (value is NoticeEvent notice) notices.Add(notice.Text);
        }
    }
}
