using OpenCharly.Cli.Commands;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Cli;

public sealed class VmParsingTests
{
    [Fact]
    public void Build_takes_size_type_and_refresh()
    {
        var (command, parsed) = CommandRun.Parse<VmBuildCommand>("vm build web --size 20G --type raw --refresh");
        Assert.Equal(new BuildVmRequest { Name = "web", Size = "20G", Type = "raw", Refresh = true }, command.Request(parsed));
    }

    [Fact]
    public void Build_leaves_what_is_not_said_to_the_entity()
    {
        var (command, parsed) = CommandRun.Parse<VmBuildCommand>("vm build web");
        Assert.Equal(new BuildVmRequest { Name = "web" }, command.Request(parsed));
    }

    [Theory]
    [InlineData("-i")]
    [InlineData("--instance")]
    public void Create_takes_memory_processors_instance_key_and_start(string instance)
    {
        var (command, parsed) = CommandRun.Parse<VmCreateCommand>($"vm create web --ram 2G --cpus 4 {instance} blue --ssh-key generate --start");
        Assert.Equal(
            new CreateVmRequest { Name = "web", Ram = "2G", Cpus = 4, Instance = "blue", SshKey = "generate", Start = true },
            command.Request(parsed));
    }

    [Fact]
    public void Start_suspend_and_resume_take_a_name()
    {
        var (start, started) = CommandRun.Parse<VmStartCommand>("vm start web");
        Assert.Equal("web", start.Request(started));
        var (suspend, suspended) = CommandRun.Parse<VmSuspendCommand>("vm suspend web");
        Assert.Equal("web", suspend.Request(suspended));
        var (resume, resumed) = CommandRun.Parse<VmResumeCommand>("vm resume web");
        Assert.Equal("web", resume.Request(resumed));
    }

    [Fact]
    public void Stop_and_restart_take_timeout_and_force()
    {
        var wanted = new StopVmRequest { Name = "web", Timeout = TimeSpan.FromMinutes(2), Force = true };
        var (stop, stopped) = CommandRun.Parse<VmStopCommand>("vm stop web --timeout 2m --force");
        Assert.Equal(wanted, stop.Request(stopped));
        var (restart, restarted) = CommandRun.Parse<VmRestartCommand>("vm restart web --timeout 120 --force");
        Assert.Equal(wanted, restart.Request(restarted));
    }

    [Fact]
    public void Stop_waits_thirty_seconds_unless_told_otherwise()
    {
        var (command, parsed) = CommandRun.Parse<VmStopCommand>("vm stop web");
        Assert.Equal(TimeSpan.FromSeconds(30), command.Request(parsed).Timeout);
    }

    [Fact]
    public void Cp_box_takes_an_image_a_name_for_it_and_whose_storage_it_is_for()
    {
        var (command, parsed) = CommandRun.Parse<VmCpBoxCommand>("vm cp-box web shop:1 --as localhost/shop:latest --rootless -n");
        Assert.Equal(
            new CopyBoxToVmRequest { Name = "web", Image = "shop:1", As = "localhost/shop:latest", Rootless = true, DryRun = true },
            command.Request(parsed));
        (command, parsed) = CommandRun.Parse<VmCpBoxCommand>("vm cp-box web shop");
        Assert.Equal(new CopyBoxToVmRequest { Name = "web", Image = "shop" }, command.Request(parsed));
    }

    [Fact]
    public void Destroy_takes_disk_and_keep_deploy()
    {
        var (command, parsed) = CommandRun.Parse<VmDestroyCommand>("vm destroy web --disk --keep-deploy --yes");
        Assert.Equal(new DestroyVmRequest { Name = "web", Disk = true, KeepDeploy = true }, command.Request(parsed));
    }

    [Theory]
    [InlineData("ssh", VmWaitCondition.Ssh)]
    [InlineData("cloud-init", VmWaitCondition.CloudInit)]
    [InlineData("stopped", VmWaitCondition.Stopped)]
    public void Wait_takes_a_condition_and_a_timeout(string word, VmWaitCondition condition)
    {
        var (command, parsed) = CommandRun.Parse<VmWaitCommand>($"vm wait web --for {word} --timeout 45s");
        Assert.Equal(new WaitVmRequest { Name = "web", For = condition, Timeout = TimeSpan.FromSeconds(45) }, command.Request(parsed));
    }

    [Fact]
    public void Wait_waits_for_ssh_and_two_minutes_unless_told_otherwise()
    {
        var (command, parsed) = CommandRun.Parse<VmWaitCommand>("vm wait web");
        Assert.Equal(new WaitVmRequest { Name = "web" }, command.Request(parsed));
    }

    [Theory]
    [InlineData("vm list", true)]
    [InlineData("vm list -a", false)]
    [InlineData("vm list --all", false)]
    [InlineData("vm list web", false)]
    public void List_shows_what_runs_unless_all_or_a_name_is_asked_for(string line, bool runningOnly)
    {
        var (command, parsed) = CommandRun.Parse<VmListCommand>(line);
        Assert.Equal(runningOnly, command.Request(parsed).RunningOnly);
    }

    [Fact]
    public void Status_takes_names_and_wildcards()
    {
        var (command, parsed) = CommandRun.Parse<VmStatusCommand>("vm status web db-*");
        Assert.Equal(["web", "db-*"], command.Request(parsed).Names);
    }

    [Theory]
    [InlineData("--tail 5")]
    [InlineData("-n 5")]
    public void Log_takes_which_log_how_much_and_follow(string tail)
    {
        var (command, parsed) = CommandRun.Parse<VmLogCommand>($"vm log web --console --provision {tail} -f");
        Assert.Equal(
            new VmLogRequest { Name = "web", Console = true, Provision = true, Tail = 5, Follow = true }, command.Request(parsed));
    }

    [Theory]
    [InlineData("-l ada -p 2200 --key k")]
    [InlineData("--user ada --port 2200 --key k")]
    public void Ssh_without_a_command_is_a_session(string options)
    {
        var (command, parsed) = CommandRun.Parse<VmSshCommand>("vm ssh web " + options);
        Assert.Equal(new EnterVmRequest { Name = "web", User = "ada", Port = 2200, KeyPath = "k" }, command.EnterRequest(parsed));
    }

    [Fact]
    public void Ssh_passes_everything_after_two_dashes_on_without_a_terminal()
    {
        var (command, parsed) = CommandRun.Parse<VmSshCommand>("vm ssh web -- ls -la --verbose /etc");
        Assert.Equal(new EnterVmRequest { Name = "web", Command = "ls -la --verbose /etc", Terminal = false }, command.EnterRequest(parsed));
    }

    [Fact]
    public void Ssh_takes_a_limit_of_time_for_a_command()
    {
        var (command, parsed) = CommandRun.Parse<VmSshCommand>("vm ssh web --timeout 5 -- uptime");
        Assert.Equal(new RunInVmRequest { Name = "web", Command = "uptime", Timeout = TimeSpan.FromSeconds(5) }, command.RunRequest(parsed));
    }

    [Fact]
    public async Task Ssh_has_no_limit_of_time_for_a_session()
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("vm", "ssh", "web", "--timeout", "5"));
    }

    [Fact]
    public async Task Ssh_needs_a_name_before_two_dashes()
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("vm", "ssh", "--", "uptime"));
        Assert.Contains("NAME", run.Error, StringComparison.Ordinal);
    }
}
