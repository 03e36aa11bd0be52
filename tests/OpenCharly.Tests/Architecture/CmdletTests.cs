using Mono.Cecil;
using Mono.Cecil.Cil;
using OpenCharly.PowerShell;

namespace OpenCharly.Tests.Architecture;

/// <summary>A cmdlet binds, calls an operation and writes; anything more belongs into the engine.</summary>
public sealed class CmdletTests
{
    private static readonly string[] Forbidden =
    [
        "System.Diagnostics.Process", "System.IO.File", "System.IO.Directory", "System.IO.FileStream", "System.Net", "System.Console",
        "System.Text.Json", "YamlDotNet", "OpenCharly.Yaml",
    ];

    // Pure functions on values that are part of binding: quoting words, resolving a path against $PWD, keeping some steps of a plan.
    private static readonly string[] PureFunctions = ["OpenCharly.Foundation.Shell", "OpenCharly.Foundation.CharlyEnvironment", "OpenCharly.Plans.PlanFilter"];

    private static readonly TypeDefinition[] Commands =
    [
        .. AssemblyDefinition.ReadAssembly(typeof(CharlyCmdlet).Assembly.Location).MainModule.Types
            .Where(t => t.Namespace == "OpenCharly.PowerShell.Commands"),
    ];

    [Fact]
    public void There_are_cmdlets_to_look_at() => Assert.True(Commands.Count(t => !t.IsAbstract && t.Name.EndsWith("Command", StringComparison.Ordinal)) >= 18);

    [Fact]
    public void No_cmdlet_touches_processes_files_sockets_or_documents()
    {
        var found = from type in Commands
                    from used in UsedTypes.Of(type)
                    where Forbidden.Any(f => used.FullName == f || used.FullName.StartsWith(f + ".", StringComparison.Ordinal) || used.Namespace == f)
                    select $"{type.Name} uses {used.FullName}";
        Assert.Empty(found);
    }

    [Fact]
    public void A_cmdlet_calls_the_engine_through_operations_only()
    {
        // Records of other folders may be read and made, but no method of theirs may be called.
        var found = from type in Commands
                    from method in Methods(type)
                    where method.HasBody
                    from called in method.Body.Instructions.Where(i => i.OpCode.FlowControl == FlowControl.Call).Select(i => i.Operand).OfType<MethodReference>()
                    let owner = called.DeclaringType.Namespace
                    where owner.StartsWith("OpenCharly.", StringComparison.Ordinal)
                        && !owner.StartsWith("OpenCharly.Operations", StringComparison.Ordinal)
                        && !owner.StartsWith("OpenCharly.PowerShell", StringComparison.Ordinal)
                        && !PureFunctions.Contains(called.DeclaringType.FullName)
                        && !IsData(called)
                    select $"{type.Name} calls {called.FullName}";
        Assert.Empty(found);
    }

    [Fact]
    public void A_cmdlet_fits_on_a_page()
    {
        var long_ = RepositoryRoot.Sources("src/OpenCharly.PowerShell/Commands")
            .Where(f => File.ReadLines(f).Count() > 150)
            .Select(Path.GetFileName);
        Assert.Empty(long_);
    }

    private static bool IsData(MethodReference method) =>
        method.Name is ".ctor" or "<Clone>$" or "ToString" or "Equals"
        || method.Name.StartsWith("get_", StringComparison.Ordinal)
        || method.Name.StartsWith("set_", StringComparison.Ordinal)
        || method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static IEnumerable<MethodDefinition> Methods(TypeDefinition type) => type.Methods.Concat(type.NestedTypes.SelectMany(Methods));
}
