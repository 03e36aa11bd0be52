namespace OpenCharly.Vms.CloudInit;

/// <summary>Renders cloud-init documents (vm.md §5.1, §5.2): a pure function, with a fixed order of keys.</summary>
public static class CloudInitRenderer
{
    /// <summary>The documents of a charly machine.</summary>
    public static CloudInitDocuments Render(CloudInitInput input) => throw new NotImplementedException(input.MachineName);

    /// <summary>The documents of a VMFile machine.</summary>
    public static CloudInitDocuments Render(VmFileCloudInitInput input) => throw new NotImplementedException(input.MachineName);
}
