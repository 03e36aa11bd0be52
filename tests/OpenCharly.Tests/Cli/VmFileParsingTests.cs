using System.CommandLine;
using OpenCharly.Cli.Commands;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Cli;

public sealed class VmFileParsingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("vm ")]
    public void The_verbs_of_VMFiles_stand_at_the_root_and_below_vm(string group)
    {
        foreach (var line in (string[])["up --file a.kdl --name web --no-provision", "down --file a.kdl --name web --destroy --yes", "reload --name web --no-provision --yes", "provision --name web"])
        {
            using var run = new CommandRun();
            Assert.Empty(run.Host.Parse((group + line).Split(' ')).Errors);
        }
    }

    [Fact]
    public void Up_takes_file_names_and_no_provision()
    {
        var request = Ask(command => new UpCommand(command, new CommandRun().Host).Request, "--file a.kdl --name web --name db --no-provision");
        Assert.Equal(("a.kdl", true, false), (request.File, request.NoProvision, request.Destroy));
        Assert.Equal(["web", "db"], request.Names);
        Assert.Equal((null, false), (Ask(command => new UpCommand(command, new CommandRun().Host).Request, "").File, Ask(command => new UpCommand(command, new CommandRun().Host).Request, "").NoProvision));
    }

    [Fact]
    public void Down_takes_destroy() => Assert.True(Ask(command => new DownCommand(command, new CommandRun().Host).Request, "--destroy").Destroy);

    [Fact]
    public void Create_with_an_image_takes_what_such_a_machine_is_made_of()
    {
        var (command, parsed) = CommandRun.Parse<VmCreateCommand>(
            "vm create --name lab --image a.qcow2 --vcpus 2 --memory 2048 --disk 9 --bridge br0 --cloud-init u.yml --ssh-key k.pub --uefi --port-forward 1:2 --port-forward 3:4 --kernel k --initrd i --append quiet --start");
        Assert.True(command.IsOfImage(parsed));
        var request = command.ImageRequest(parsed);
        Assert.Equal(
            new CreateVmFromImageRequest
            {
                Name = "lab", Image = "a.qcow2", Cpus = 2, Memory = "2048", DiskGb = 9, Bridge = "br0", CloudInit = "u.yml", SshKey = "k.pub", Uefi = true,
                PortForwards = request.PortForwards, Kernel = "k", Initrd = "i", Append = "quiet", Start = true,
            },
            request);
        Assert.Equal(["1:2", "3:4"], request.PortForwards);
    }

    [Fact]
    public void Create_without_an_image_is_that_of_an_entity()
    {
        var (command, parsed) = CommandRun.Parse<VmCreateCommand>("vm create web --ram 2G");
        Assert.False(command.IsOfImage(parsed));
    }

    [Theory]
    [InlineData("vm create")]
    [InlineData("vm create a --name b --image x")]
    [InlineData("vm create a --image x -i blue")]
    [InlineData("image convert a b --format nonsense")]
    public async Task What_makes_no_sense_exits_2(string line)
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync(line.Split(' ')));
    }

    [Theory]
    [InlineData("up")]
    [InlineData("vm provision")]
    [InlineData("down --file other.kdl")]
    public async Task Without_a_VMFile_the_exit_code_is_3(string line)
    {
        using var run = new CommandRun();
        Assert.Equal(3, await run.RunAsync(line.Split(' ')));
        Assert.Contains("error vmfile.not_found", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_VMFile_is_told_with_line_and_column()
    {
        using var run = new CommandRun();
        File.WriteAllText(Path.Combine(run.Home, "VMFile.kdl"), "vm \"a\" {\n  imagee \"x\"\n}\n");
        Assert.Equal(2, await run.RunAsync("up"));
        Assert.Contains("VMFile.kdl:2:3", run.Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean \"image\"?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destroying_asks_first_where_somebody_can_answer()
    {
        using var run = new CommandRun { CanAsk = true, Input = "n\n" };
        Assert.Equal(6, await run.RunAsync("down", "--destroy"));
        Assert.Contains("Destroy all machines of the VMFile", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vm ssh", "", null)]
    [InlineData("vm ssh web", "web", null)]
    [InlineData("vm ssh --name web", "web", null)]
    [InlineData("vm ssh -- uptime -p", "", "uptime -p")]
    [InlineData("vm ssh --name web -- uptime", "web", "uptime")]
    [InlineData("vm ssh web -- uptime", "web", "uptime")]
    public void Ssh_takes_a_name_in_three_ways_or_none(string line, string name, string? command)
    {
        var (ssh, parsed) = CommandRun.Parse<VmSshCommand>(line);
        var request = ssh.EnterRequest(parsed);
        Assert.Equal((name, command), (request.Name, request.Command));
    }

    [Fact]
    public void Images_are_pulled_inspected_converted_and_removed()
    {
        var (pull, pulled) = CommandRun.Parse<ImagePullCommand>("image pull https://e.org/a.img --name b.img");
        Assert.Equal(("https://e.org/a.img", "b.img", false), pull.Request(pulled));
        var (convert, converted) = CommandRun.Parse<ImageConvertCommand>("image convert a b --format raw");
        Assert.Equal(("a", "b", "raw"), convert.Request(converted));
        var (inspect, inspected) = CommandRun.Parse<ImageInspectCommand>("image inspect a");
        Assert.Equal("a", inspect.Request(inspected));
        var (remove, removed) = CommandRun.Parse<ImageRmCommand>("image rm a");
        Assert.Equal("a", remove.Request(removed));
    }

    private static VmFileRequest Ask(Func<Command, Func<ParseResult, VmFileRequest>> make, string line)
    {
        var root = new RootCommand();
        var request = make(root);
        var parsed = root.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(parsed.Errors);
        return request(parsed);
    }
}
