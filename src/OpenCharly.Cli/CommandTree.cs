using System.CommandLine;
using System.CommandLine.Help;
using OpenCharly.Cli.Commands;

namespace OpenCharly.Cli;

/// <summary>
/// The tree of commands. A group of verbs is filled only if its name stands somewhere on the command line, so that
/// start-up does not pay for the others; completion of a whole line fills all.
/// </summary>
internal static class CommandTree
{
    public static RootCommand Build(CommandHost host, IReadOnlyList<string> arguments)
    {
        var root = new RootCommand("Creates virtual machines and applies candies to them from one install plan.");
        // The parser's own help option also answers to "/h" and "-?", which are no options here.
        root.Options.Clear();
        root.Options.Add(new HelpOption("--help", "-h") { Description = "Show what the command takes" });
        root.Options.Add(new VersionOption("--version") { Description = "Print the version", Action = new PrintVersion(host) });
        host.Global.AddTo(root);
        var isCompletion = arguments.Count > 0 && arguments[0].StartsWith("[suggest", StringComparison.Ordinal);
        foreach (var group in Groups())
        {
            if (isCompletion || arguments.Any(a => a == group.Name || group.Aliases.Contains(a))) group.Fill(host);
            root.Subcommands.Add(group);
        }

        return root;
    }

    /// <summary>The verbs of VMFiles, which stand both at the root and below <c>vm</c>.</summary>
    private static IEnumerable<CommandGroup> VmFileVerbs() =>
    [
        new("up", "Make, start and provision the machines of a VMFile", (command, host) => _ = new UpCommand(command, host)),
        new("down", "Stop, or destroy, the machines of a VMFile", (command, host) => _ = new DownCommand(command, host)),
        new("reload", "Destroy the machines of a VMFile and make them anew", (command, host) => _ = new ReloadCommand(command, host)),
        new("provision", "Run the provisioners of a VMFile again", (command, host) => _ = new ProvisionCommand(command, host)),
    ];

    private static IEnumerable<CommandGroup> PodVerbs() =>
    [
        new("config", "Save the choices for a pod and write its quadlet; its encrypted volumes", ConfigCommand.Fill),
        Verb("start", "Start a pod", (host, name) => new StartCommand(host, name)),
        Verb("stop", "Stop a pod", (host, name) => new StopCommand(host, name)),
        Verb("restart", "Stop a pod and start it again", (host, name) => new RestartCommand(host, name)),
        Verb("status", "Show what runs", (host, name) => new StatusCommand(host, name)),
        Verb("logs", "Print what a pod has printed", (host, name) => new LogsCommand(host, name)),
        Verb("shell", "Open a shell in a pod", (host, name) => new ShellCommand(host, name)),
        Verb("cmd", "Run a command in a running pod", (host, name) => new CmdCommand(host, name)),
        Verb("cp", "Copy files into or out of a running pod", (host, name) => new CpCommand(host, name)),
        new("volume", "List and empty the volumes of a pod", VolumeCommands.Fill),
        new("service", "Services inside of a running pod", ServiceCommands.Fill),
        Verb("update", "Bring a deployment to the newest of what it is made of", (host, name) => new UpdateCommand(host, name)),
        Verb("seed", "Copy files of the image into the volumes of a pod", (host, name) => new SeedCommand(host, name)),
        Verb("remove", "Remove a pod", (host, name) => new RemoveCommand(host, name)),
    ];

    // A verb that stands at the root takes over what the command of that name has.
    private static CommandGroup Verb(string name, string description, Func<CommandHost, string, Command> make) => new(name, description, (group, host) =>
    {
        var command = make(host, name);
        foreach (var argument in command.Arguments) group.Add(argument);
        foreach (var option in command.Options) group.Add(option);
        group.Action = command.Action;
    });

    private static IEnumerable<CommandGroup> Groups() =>
    [
        new("vm", "Virtual machines", (group, host) =>
        {
            group.Add(new VmBuildCommand(host));
            group.Add(new VmCreateCommand(host));
            group.Add(new VmStartCommand(host));
            group.Add(new VmStopCommand(host));
            group.Add(new VmSuspendCommand(host));
            group.Add(new VmResumeCommand(host));
            group.Add(new VmRestartCommand(host));
            group.Add(new VmDestroyCommand(host));
            group.Add(new VmListCommand(host));
            group.Add(new VmStatusCommand(host));
            group.Add(new VmWaitCommand(host));
            group.Add(new VmSshCommand(host));
            group.Add(new VmLogCommand(host));
            group.Add(new VmConsoleCommand(host));
            group.Add(new VmScpCommand(host));
            group.Add(new VmSyncCommand(host));
            group.Add(new VmCpBoxCommand(host));
            group.Add(new VmCloneCommand(host));
            group.Add(new VmImportCommand(host));
            group.Add(VmSnapshotCommands.Group(host));
            group.Add(VmGpuCommands.Group(host));
            group.Add(VmStateCommands.Group(host));
            group.Add(new VmAutostartCommand(host));
            group.Add(new VmGrowCommand(host));
            foreach (var verb in VmFileVerbs())
            {
                verb.Fill(host);
                group.Add(verb);
            }
        }),
        .. VmFileVerbs(),
        new("image", "Images that machines are made of", (group, host) =>
        {
            group.Add(new ImagePullCommand(host));
            group.Add(new ImageListCommand(host));
            group.Add(new ImageInspectCommand(host));
            group.Add(new ImageConvertCommand(host));
            group.Add(new ImageRmCommand(host));
        }),
        new("template", "Templates: kernels and root file systems that machines boot", (group, host) =>
        {
            group.Add(TemplateCreateCommand.One(host));
            group.Add(TemplateCreateCommand.Multi(host));
            group.Add(new TemplateListCommand(host));
            group.Add(new TemplateShowCommand(host));
            group.Add(new TemplateDeleteCommand(host));
            group.Add(new TemplateInitCommand(host));
            group.Add(new TemplateBuildCommand(host));
            group.Add(new TemplatePushCommand(host));
            group.Add(new TemplatePullCommand(host));
            group.Add(new TemplateVerifyCommand(host));
        }),
        new("bundle", "Candies applied to a machine, a host", (group, host) =>
        {
            group.Add(new BundleAddCommand(host));
            group.Add(new BundleDelCommand(host));
            group.Add(new UpdateCommand(host, "update"));
            group.Add(new BundleDiffCommand(host));
            group.Add(new BundleShowCommand(host));
            group.Add(new BundleStatusCommand(host));
            group.Add(new BundlePathCommand(host));
            group.Add(new BundleImportCommand(host));
            group.Add(new BundleExportCommand(host));
            group.Add(new BundleResetCommand(host));
            group.Add(new BundleDriftCommand(host));
            group.Add(new BundleRepairCommand(host));
            group.Add(new CheckCommand(host, "check"));
            group.Add(new BundleVerifyCommand(host));
            group.Add(new BundleSyncCommand(host));
            group.Add(new BundleFromBoxCommand(host));
        }) { Aliases = { "deploy" } },
        new("eval", "The checks that candies bring along", (group, host) =>
        {
            group.Add(new CheckCommand(host, "live"));
            group.Add(new EvalBoxCommand(host));
            group.Add(new EvalRunCommand(host));
            var mcp = new Command("mcp", "MCP servers that pods provide");
            mcp.Add(new McpPingCommand(host));
            group.Add(mcp);
            var vnc = new Command("vnc", "VNC servers in pods");
            vnc.Add(new VncPasswordCommand(host));
            group.Add(vnc);
        }) { Aliases = { "check" } },
        new("plan", "Install plans as files", (group, host) =>
        {
            group.Add(new PlanApplyCommand(host));
            group.Add(new PlanExportCommand(host));
            group.Add(new PlanGraphCommand(host));
            group.Add(new PlanShowCommand(host));
        }),
        new("box", "Boxes, and the project as a whole", (group, host) =>
        {
            group.Add(new BoxValidateCommand(host));
            group.Add(new BoxListCommand(host));
            group.Add(new BoxInspectCommand(host));
            group.Add(new BoxGenerateCommand(host));
            group.Add(new BoxBuildCommand(host));
            group.Add(new BoxPullCommand(host));
            group.Add(new BoxMergeCommand(host));
            group.Add(new BoxReconcileCommand(host));
            group.Add(new BoxNewCommand(host));
            group.Add(new SetFieldCommand(host, "box"));
            group.Add(ListEditCommand.AddCandy(host));
            group.Add(ListEditCommand.RemoveCandy(host));
            group.Add(new BoxWriteCommand(host));
            group.Add(new BoxCatCommand(host));
        }),
        new("candy", "Candies of the project", (group, host) =>
        {
            group.Add(new CandyListCommand(host, "list"));
            group.Add(ScaffoldCommand.Candy(host, "new"));
            group.Add(new SetFieldCommand(host, "candy"));
            foreach (var format in (string[])["rpm", "deb", "pac", "aur"]) group.Add(ListEditCommand.Packages(host, format));
            group.Add(new AddScenarioCommand(host));
        }),
        .. PodVerbs(),
        new("clean", "Remove what piles up: older images of boxes, results of checks, caches", CleanCommand.Fill),
        new("reap-orphans", "Remove short-lived deployments whose time is over", ReapOrphansCommand.Fill),
        new("ledger", "What was applied where", (group, host) => group.Add(new LedgerShowCommand(host))),
        new("preempt", "Who holds exclusive resources", (group, host) =>
        {
            group.Add(new PreemptStatusCommand(host));
            group.Add(new PreemptRestoreCommand(host));
        }),
        new("alias", "Scripts that run a command in a box", AliasCommands.Fill),
        new("doctor", "Look at what this machine has and lacks", DoctorCommand.Fill),
        new("migrate", "Bring old files to the newest schema", MigrateCommand.Fill),
        new("settings", "Settings of this user", (group, host) =>
        {
            group.Add(new SettingsGetCommand(host));
            group.Add(new SettingsSetCommand(host));
            group.Add(new SettingsListCommand(host));
            group.Add(new SettingsResetCommand(host));
            group.Add(new SettingsPathCommand(host));
            group.Add(new SettingsMigrateSecretsCommand(host));
        }),
        new("secrets", "Secrets of this user, in the keyring, a KeePass file or a private file; encrypted files of projects", (group, host) =>
        {
            group.Add(new SecretsListCommand(host));
            group.Add(new SecretsGetCommand(host));
            group.Add(new SecretsSetCommand(host));
            group.Add(new SecretsDeleteCommand(host));
            group.Add(new SecretsImportCommand(host));
            group.Add(new SecretsExportCommand(host));
            group.Add(SecretGpgCommands.Group(host));
        }),
        new("version", "Print the version", (group, host) => group.SetAction(host.Action(PrintVersion.RunAsync))),
        new("completion", "Print the completion script of a shell", CompletionCommand.Fill),
        new("schema", "Print a JSON Schema of charly.yml for editors", SchemaCommand.Fill),
    ];
}

/// <summary>A command that gets its verbs, options and action only when it is needed.</summary>
internal sealed class CommandGroup(string name, string description, Action<CommandGroup, CommandHost> fill) : Command(name, description)
{
    public void Fill(CommandHost host) => fill(this, host);
}
