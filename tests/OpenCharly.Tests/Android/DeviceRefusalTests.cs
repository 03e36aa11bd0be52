using OpenCharly.Android;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Targets;
using OpenCharly.Tests.Model;
using OpenCharly.Tests.Vms;

namespace OpenCharly.Tests.Android;

/// <summary>What a device, or a source of packages, refuses: each has its code, and what was done before is on record (deploy.md §7.7).</summary>
public sealed class DeviceRefusalTests : ProjectFixture
{
    private const string Project = """
        version: 2026.163.0928
        discover: [{path: candy, recursive: true}]
        android:
          phone: {adb: {host: a.example.org}}
          paid: {adb: {host: a.example.org}, google_account: {email_secret: MAIL, token_secret: TOKEN}}
        deploy:
          apps: {target: android, android: phone, add_candy: [demo, ENTRY]}
          paid: {target: android, android: paid, add_candy: [demo, ENTRY]}

        """;

    private static readonly AndroidPatience Short = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(5));

    private readonly HashSet<string> _installed = ["com.android.shell"];
    private readonly List<string> _notices = [];
    private Func<ProcessRequest, CommandResult?> _refuse = _ => null;

    private string Record => Path.Combine(new HostPaths(Machine).AndroidRecords, "apps.json");

    [Theory]
    [InlineData("", 0, "cannot connect to daemon at tcp:a.example.org:5037", "cannot connect")]
    [InlineData("", 1, "error: device 'emulator-5554' not found", "not found")]
    [InlineData("0\n", 0, "", "sys.boot_completed is \"0\"")]
    public async Task A_device_that_does_not_boot_in_time_is_told_with_what_was_seen_last(string output, int exit, string error, string seen)
    {
        Have("demo", "apk: [{apk: demo.apk}]");
        _refuse = r => r.Arguments.Contains("getprop") ? new CommandResult(output, error, error.Length > 0 ? 1 : exit, TimeSpan.Zero) : null;
        var failure = await Assert.ThrowsAsync<CharlyException>(() => AddAsync("demo"));
        Assert.Equal((Errors.AndroidUnreachable, "emulator-5554"), (failure.Code, failure.Target));
        Assert.Contains(seen, failure.Message, StringComparison.Ordinal);
        Assert.Contains("adb devices", failure.Help, StringComparison.Ordinal);
        Assert.False(File.Exists(Record));
    }

    [Fact]
    public async Task Without_adb_nothing_is_recorded()
    {
        Have("demo", "apk: [{apk: demo.apk}]");
        _refuse = _ => throw new CharlyException(Errors.ToolMissing, "the program adb is not installed", "Install it.");
        Assert.Equal(Errors.ToolMissing, (await Assert.ThrowsAsync<CharlyException>(() => AddAsync("demo"))).Code);
        Assert.False(File.Exists(Record));
    }

    [Fact]
    public async Task A_package_that_the_device_does_not_take_is_quoted_and_what_came_before_is_on_record()
    {
        Have("demo", "apk: [{apk: demo.apk}]");
        Have("worse", "apk: [{apk: worse.apk}]");
        _refuse = r => r.Arguments.Any(a => a.EndsWith("worse.apk", StringComparison.Ordinal)) ? new CommandResult("", "adb: failed to install worse.apk: Failure [INSTALL_FAILED_OLDER_SDK]\n", 1, TimeSpan.Zero) : null;
        var result = await AddAsync("worse");
        Assert.Equal((Errors.ApkInstall, "worse.apk"), (result.Failure!.Code, result.Failure.Target));
        Assert.Contains("INSTALL_FAILED_OLDER_SDK", result.Failure.Message, StringComparison.Ordinal);
        Assert.Equal([StepStatus.Done, StepStatus.Failed], result.Steps.Select(s => s.Status));
        Assert.Contains("org.example.demo", await File.ReadAllTextAsync(Record), StringComparison.Ordinal);
        Assert.DoesNotContain("worse", await File.ReadAllTextAsync(Record), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{package: org.example.x}", "apps", "could not be fetched from apk-pure", "android.download")]
    [InlineData("{package: org.example.x, source: google-play}", "apps", "the device has none", "android.download")]
    [InlineData("{package: org.example.x, source: google-play}", "paid", "the secret \"MAIL\" has no value", "secret.store")]
    public async Task A_package_that_can_not_be_fetched_says_from_where(string package, string name, string message, string code)
    {
        Have("demo", "apk: [{apk: demo.apk}]");
        Have("far", $"apk: [{package}]");
        _refuse = r => r.Program == "apkeep" ? new CommandResult("", "HTTP 404\n", 1, TimeSpan.Zero) : null;
        CharlyException? failure;
        try
        {
            failure = (await AddAsync("far", name)).Failure;
        }
        catch (CharlyException e)
        {
            failure = e;
        }

        Assert.Equal(code, failure!.Code.Id);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("org.example.x", File.Exists(Record) ? await File.ReadAllTextAsync(Record) : "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app.xapk", "no archive", "android.install")]
    [InlineData("readme.txt", "no .apk in it", "android.download")]
    public async Task What_is_fetched_and_no_package_is_told(string file, string message, string code)
    {
        Have("demo", "apk: [{apk: demo.apk}]");
        Have("far", "apk: [{package: org.example.x}]");
        _refuse = r =>
        {
            if (r.Program != "apkeep") return null;
            File.WriteAllText(Path.Combine(r.Arguments[^1], file), "text");
            return new CommandResult("", "", 0, TimeSpan.Zero);
        };
        var failure = (await AddAsync("far")).Failure!;
        Assert.Equal(code, failure.Code.Id);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_not_be_uninstalled_is_a_warning_and_the_rest_goes()
    {
        Have("demo", "apk: [{apk: demo.apk}]");
        Have("other", "apk: [{apk: other.apk}]");
        Assert.Null((await AddAsync("other")).Failure);
        _refuse = r => r.Arguments.Contains("uninstall") && r.Arguments[^1].Contains("demo", StringComparison.Ordinal) ? new CommandResult("Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n", "", 0, TimeSpan.Zero) : null;
        var result = await new RemoveBundle(Context).RunAsync(new RemoveBundleRequest { Name = "apps" });
        Assert.Equal(["org.example.other"], result.Items);
        Assert.Contains(_notices, n => n.Contains("org.example.demo could not be uninstalled", StringComparison.Ordinal) && n.Contains("DELETE_FAILED_DEVICE_POLICY_MANAGER", StringComparison.Ordinal));
    }

    private CharlyContext Context => new(Machine, new Collector(_notices), new PlayedPrograms(Answer));

    private CommandResult Answer(ProcessRequest request)
    {
        if (_refuse(request) is { } refusal) return refusal;
        var last = request.Arguments[^1];
        if (request.Arguments.Contains("getprop")) return Say("1\n");
        if (request.Arguments.Contains("list")) return Say(string.Concat(_installed.Order().Select(p => $"package:{p}\n")));
        if (request.Arguments.Contains("uninstall")) return Say(_installed.Remove(last.Trim('\'')) ? "Success\n" : "Failure\n");
        if (!request.Arguments.Contains("install")) return Say("");
        _installed.Add("org.example." + Path.GetFileNameWithoutExtension(last));
        return Say("Performing Streamed Install\nSuccess\n");
    }

    private static CommandResult Say(string text) => new(text, "", 0, TimeSpan.Zero);

    private void Have(string name, string body)
    {
        WriteCandy(name, body);
        File.WriteAllText(Path.Combine(Folder, "candy", name, name + ".apk"), name);
    }

    private async Task<DeployResult> AddAsync(string candy, string name = "apps")
    {
        Write("charly.yml", Project.Replace(candy == "demo" ? ", ENTRY" : "ENTRY", candy == "demo" ? "" : candy, StringComparison.Ordinal));
        var project = await new BundleResolver(Context).LoadAsync(CancellationToken.None);
        return await new AndroidDeployment(Context, project, project.Deployments[name], Short).AddAsync(new BundleRequest { Name = name }, CancellationToken.None);
    }

    private sealed class Collector(List<string> notices) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            if (value is NoticeEvent notice) notices.Add(notice.Text);
        }
    }
}
