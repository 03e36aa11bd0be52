using Mono.Cecil;
using OpenCharly.Tests.Architecture;

namespace OpenCharly.Tests.PowerShell;

/// <summary>The rules that every cmdlet keeps, whatever it does.</summary>
public sealed class CmdletShapeTests
{
    private static readonly string[] Changing =
        ["Add", "Build", "Export", "Invoke", "New", "Remove", "Restart", "Resume", "Start", "Stop", "Suspend"];

    public static TheoryData<string> Names { get; } = [.. CmdletClass.All.Select(c => c.Name)];

    [Fact]
    public void There_are_cmdlets() => Assert.NotEmpty(CmdletClass.All);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cmdlet_is_sealed_and_named_after_verb_and_noun_in_a_file_of_its_own(string name)
    {
        var cmdlet = Of(name);
        Assert.True(cmdlet.Type.IsSealed, $"{cmdlet.Type.Name} is not sealed");
        Assert.Equal($"{cmdlet.Verb}{cmdlet.Noun}Command", cmdlet.Type.Name);
        Assert.Equal("OpenCharly.PowerShell.Commands", cmdlet.Type.Namespace);
        Assert.StartsWith("Charly", cmdlet.Noun, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(RepositoryRoot.Path, "src/OpenCharly.PowerShell/Commands", cmdlet.Type.Name + ".cs")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cmdlet_that_changes_something_asks_first(string name)
    {
        var cmdlet = Of(name);
        if (!Changing.Contains(cmdlet.Verb)) return;
        Assert.Equal(true, cmdlet.Setting("SupportsShouldProcess"));
    }

    [Theory]
    [InlineData("Remove-CharlyVm")]
    [InlineData("Remove-CharlyBundle")]
    [InlineData("Remove-CharlyPod")]
    [InlineData("Restart-CharlyVmFile")]
    [InlineData("Remove-CharlyImage")]
    [InlineData("Remove-CharlyTemplate")]
    [InlineData("Remove-CharlySecret")]
    public void What_loses_data_asks_by_default(string name) => Assert.Equal(3, Convert.ToInt32(Of(name).Setting("ConfirmImpact")));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_parameter_says_what_it_is_for(string name)
    {
        foreach (var parameter in Of(name).Parameters)
        {
            foreach (var attribute in CmdletClass.ParameterAttributes(parameter))
            {
                var message = CmdletClass.Argument(attribute, "HelpMessage") as string;
                Assert.True(message is { Length: > 10 } && message.EndsWith('.'), $"{name} -{parameter.Name}: \"{message}\"");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Name_is_first_and_comes_from_the_pipeline_by_value_and_by_property(string name)
    {
        var parameter = Of(name).Parameters.FirstOrDefault(p => p.Name == "Name");
        if (parameter is null) return;
        var attribute = Assert.Single(CmdletClass.ParameterAttributes(parameter));
        Assert.Equal(0, CmdletClass.Argument(attribute, "Position"));
        Assert.Equal(true, CmdletClass.Argument(attribute, "ValueFromPipeline"));
        Assert.Equal(true, CmdletClass.Argument(attribute, "ValueFromPipelineByPropertyName"));
        Assert.Contains(parameter.CustomAttributes, a => a.AttributeType.Name == "ArgumentCompleterAttribute");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_cmdlet_emits_is_declared(string name)
    {
        string[] silent =
        [
            "Enter-CharlyPod", "Enter-CharlyVm", "Enter-CharlyVmConsole", "Remove-CharlyImage", "Remove-CharlyPod", "Remove-CharlySecret", "Remove-CharlyTemplate", "Remove-CharlyVm",
            "Remove-CharlyVmCheckpoint",
        ];
        var declared = Of(name).Type.CustomAttributes.Any(a => a.AttributeType.Name == "OutputTypeAttribute");
        Assert.Equal(!silent.Contains(name), declared);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cmdlet_that_emits_only_on_request_has_PassThru(string name)
    {
        string[] quiet =
        [
            "Export-CharlyPlan", "Restart-CharlyPod", "Restart-CharlyVm", "Restore-CharlyVmCheckpoint", "Resume-CharlyVm", "Set-CharlySecret",
            "Set-CharlySetting", "Set-CharlyVm", "Start-CharlyPod", "Start-CharlyVm", "Stop-CharlyPod", "Stop-CharlyVm", "Suspend-CharlyVm",
        ];
        if (quiet.Contains(name)) Assert.Contains(Of(name).Parameters, p => p.Name == "PassThru");
    }

    // Only these may know of tasks and threads.
    [Fact]
    public void Tasks_are_started_and_waited_for_only_by_the_bridge()
    {
        string[] bridge = ["CharlyCmdlet", "PipelineQueue", "QueryCompleter"];
        var strangers =
            from type in CmdletClass.Types
            where !bridge.Contains(type.Name)
            from method in Methods(type)
            where method.HasBody
            from called in method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>()
            where called is { DeclaringType.Name: "Task" or "Task`1" or "Parallel" or "Thread", Name: "Run" or "Wait" or "ForEachAsync" or "get_Result" or "Start" }
            select $"{type.Name} calls {called.DeclaringType.Name}.{called.Name}";
        Assert.Empty(strangers);
    }

    [Fact]
    public void Only_the_terminal_knows_processes_and_nothing_in_the_module_sockets_files_or_yaml()
    {
        string[] forbidden =
            ["System.Diagnostics.Process", "System.Net", "System.IO.File", "System.IO.Directory", "System.IO.FileStream", "YamlDotNet", "OpenCharly.Yaml", "System.Console"];
        var found =
            from type in CmdletClass.Types
            where type.Name != "Terminal"
            from used in UsedTypes.Of(type)
            where forbidden.Any(f => used.FullName == f || used.FullName.StartsWith(f + ".", StringComparison.Ordinal) || used.FullName.StartsWith(f + "Info", StringComparison.Ordinal))
            select $"{type.FullName} uses {used.FullName}";
        Assert.Empty(found.Distinct());
    }

    private static CmdletClass Of(string name) => CmdletClass.All.Single(c => c.Name == name);

    private static IEnumerable<MethodDefinition> Methods(TypeDefinition type) => type.Methods.Concat(type.NestedTypes.SelectMany(Methods));
}
