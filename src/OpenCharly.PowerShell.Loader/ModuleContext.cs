using System.Reflection;
using System.Runtime.Loader;

namespace OpenCharly.PowerShell.Loader;

/// <summary>
/// The assembly load context that holds the module: engine, cmdlets and whatever third-party libraries they need, all
/// from the module's own folder. Another module may bring another version of any of them without a clash.
/// </summary>
/// <remarks>This assembly is the only one of the module that lives in the default context, so it depends on nothing.</remarks>
public sealed class ModuleContext : AssemblyLoadContext
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, ModuleContext> Contexts = new(StringComparer.Ordinal);

    private readonly string _folder;

    private ModuleContext(string folder)
        : base("OpenCharly", isCollectible: false)
    {
        _folder = folder;
    }

    /// <summary>
    /// Loads engine and cmdlets from <paramref name="folder"/>: once in a process, so that a module that is removed
    /// and imported again meets the types that scripts already hold.
    /// </summary>
    /// <param name="folder">The folder of the module's assemblies.</param>
    /// <returns>The assemblies to hand to <c>Import-Module -Assembly</c>, in order.</returns>
    public static Assembly[] LoadModule(string folder)
    {
        var full = Path.GetFullPath(folder);
        lock (Gate)
        {
            if (!Contexts.TryGetValue(full, out var context)) Contexts[full] = context = new ModuleContext(full);
            return [context.LoadOwn("OpenCharly"), context.LoadOwn("OpenCharly.PowerShell")];
        }
    }

    /// <summary>Takes what the module folder has; everything else comes from the host.</summary>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    private Assembly LoadOwn(string name) => LoadFromAssemblyName(new AssemblyName(name));
}
