using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly template create</c>, and <c>create-multi</c> for several roles at once.</summary>
internal sealed class TemplateCreateCommand : Command
{
    private static readonly Dictionary<string, string?> Builders = new() { ["command"] = "command", ["debootstrap"] = "debootstrap", ["nix"] = "nix" };

    private readonly Argument<string> _name;
    private readonly Option<string[]> _roles = Parameters.Many("--roles", "A,B", "Roles, for a template each, called NAME-ROLE");
    private readonly Option<string?> _role = Parameters.Text("--role", "ROLE", "What its machines do (default: worker)");
    private readonly Option<string?> _flake = Parameters.Text("--flake", "FOLDER|REF", "Where its sources are (default: the current folder)");
    private readonly Option<string?> _profile = Parameters.Text("--profile", "NAME", "Which of several outputs of the sources (default: default)");
    private readonly Option<int?> _cpus = Parameters.Whole("--cpus", "N", "Processors of its machines (default: 2)", "--vcpus");
    private readonly Option<string?> _memory = Parameters.Text("--mem", "SIZE", "Memory of its machines, such as 2G; a bare number is MB (default: 1024)", "--memory");
    private readonly Option<string?> _dataDisk = Parameters.Text("--data-disk", "SIZE", "A blank second disk, such as 10G; a bare number is MB (default: 0, none)");
    private readonly Option<string?> _builder = Parameters.OneOf("--builder", "How it is built (default: by what else is given, or Nix)", Builders);
    private readonly Option<string[]> _run = Parameters.Many("--run", "COMMAND", "Builder command: what to run; may be given several times", false);
    private readonly Option<string[]> _env = Parameters.Many("--env", "NAME=VALUE", "Builder command: a variable; may be given several times", false);
    private readonly Option<string?> _suite = Parameters.Text("--suite", "NAME", "Builder debootstrap: suite (default: trixie)");
    private readonly Option<string?> _mirror = Parameters.Text("--mirror", "URL", "Builder debootstrap: mirror (default: this machine's own)");
    private readonly Option<string[]> _components = Parameters.Many("--components", "A,B", "Builder debootstrap: components (default: main)");
    private readonly Option<string[]> _packages = Parameters.Many("--package", "A,B", "Builder debootstrap: further packages");
    private readonly Option<string?> _kernel = Parameters.Text("--kernel-package", "NAME", "Builder debootstrap: package of the kernel");
    private readonly Option<bool> _dryRun = Parameters.DryRun();
    private readonly bool _isMulti;

    private TemplateCreateCommand(CommandHost host, bool isMulti) : base(isMulti ? "create-multi" : "create", isMulti ? "Describe a template for each of several roles" : "Describe a template, over what is there")
    {
        _isMulti = isMulti;
        _name = TemplateParameters.Name(host, isMulti ? "What the names of the templates begin with" : "Name of the template");
        _roles.Required = isMulti;
        Add(_name);
        Add(isMulti ? _roles : _role);
        foreach (var option in (Option[])[_flake, _profile, _cpus, _memory, _dataDisk, _builder, _run, _env, _suite, _mirror, _components, _packages, _kernel, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    public static TemplateCreateCommand One(CommandHost host) => new(host, isMulti: false);

    public static TemplateCreateCommand Multi(CommandHost host) => new(host, isMulti: true);

    public CreateTemplateRequest Request(ParseResult parsed)
    {
        var defaults = new CreateTemplateRequest { Name = parsed.GetRequiredValue(_name) };
        return defaults with
        {
            FlakeRef = parsed.GetValue(_flake) ?? defaults.FlakeRef,
            Profile = parsed.GetValue(_profile) ?? defaults.Profile,
            Role = (_isMulti ? null : parsed.GetValue(_role)) ?? defaults.Role,
            Roles = _isMulti ? parsed.GetValue(_roles) ?? [] : [],
            Vcpus = parsed.GetValue(_cpus) ?? defaults.Vcpus,
            Memory = parsed.GetValue(_memory) ?? defaults.Memory,
            DataDisk = parsed.GetValue(_dataDisk) ?? defaults.DataDisk,
            Builder = parsed.GetValue(_builder),
            Run = parsed.GetValue(_run) ?? [],
            Env = parsed.GetValue(_env) ?? [],
            Suite = parsed.GetValue(_suite),
            Mirror = parsed.GetValue(_mirror),
            Components = parsed.GetValue(_components) ?? [],
            Packages = parsed.GetValue(_packages) ?? [],
            KernelPackage = parsed.GetValue(_kernel),
        };
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, new CreateTemplate(run.Context).Preview(Request(run.Parsed)));
        var templates = await new CreateTemplate(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        if (_isMulti) run.PrintAll(templates, all => string.Concat(all.Select(TemplateText.Made)), TemplateJson.Write);
        else run.Print(templates[0], TemplateText.Made, TemplateJson.Write);
        return 0;
    }
}
